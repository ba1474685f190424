/* SPDX-License-Identifier: ISC
 * fuzz_config: any file of the configuration; what was read is written, and read as the same. */
#include "core/core.h"
#include "fuzz.h"
#include <errno.h>
#include <string.h>

enum { WRITTEN_MAX = 64 * 1024 };

static void count_mistake(void *context, const char *file, unsigned line, const char *what)
{
	unsigned *count = context;

	FUZZ_CHECK(strcmp(file, "a.conf") == 0 && line > 0 && *what);
	++*count;
}

static int read_text(struct config *config, struct slice text)
{
	unsigned mistakes = 0;
	int result = config_parse(config, "a.conf", text, count_mistake, &mistakes);

	FUZZ_CHECK(result == (mistakes > 0 ? -EINVAL : 0));
	return result;
}

static struct slice write_text(const struct config *config)
{
	char *text = malloc(WRITTEN_MAX);
	struct writer w;

	FUZZ_CHECK(text);
	writer_init(&w, text, WRITTEN_MAX);
	config_format(config, &w);
	FUZZ_CHECK(writer_error(&w) == 0);
	return writer_result(&w);
}

int fuzz_config(const uint8_t *data, size_t size)
{
	struct slice text = fuzz_copy(data, size);
	struct config config, again;

	FUZZ_CHECK(engine_config_init(&config, CORE_ENGINES) == 0);
	FUZZ_CHECK(engine_config_init(&again, CORE_ENGINES) == 0);
	read_text(&config, text);
	struct slice first = write_text(&config);
	FUZZ_CHECK(read_text(&again, first) == 0);
	struct slice second = write_text(&again);
	FUZZ_CHECK(slice_equal(first, second));
	fuzz_free(first);
	fuzz_free(second);
	config_fini(&config);
	config_fini(&again);
	fuzz_free(text);
	return 0;
}
