/* SPDX-License-Identifier: ISC
 * replay: runs every file of the corpora through its target, each in a process of its own. */
#include "base/array.h"
#include "fuzz.h"
#include "wire/xml_parser.h"
#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INPUT_MAX = 1024 * 1024 };

static const struct {
	const char *name;
	int (*run)(const uint8_t *data, size_t size);
} TARGETS[] = {
#define TARGET(name) {#name, fuzz_##name},
#include "targets.list"
#undef TARGET
};

static int run_file(size_t target, const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = malloc(INPUT_MAX);

	FUZZ_CHECK(file && bytes);
	size_t size = fread(bytes, 1, INPUT_MAX, file);
	fclose(file);
	int result = TARGETS[target].run(bytes, size);
	free(bytes);
	return result;
}

/* The child closes the folder, lest it counts as its leak. */
static bool replay_file(size_t target, const char *path, DIR *dir)
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		closedir(dir);
		exit(run_file(target, path));
	}
	bool passed = child > 0 && waitpid(child, &status, 0) == child && status == 0;
	if (!passed)
		printf("%s: failed\n", path);
	return passed;
}

/* A target without a corpus fails too. */
static void replay_target(size_t target, unsigned *passed, unsigned *failed)
{
	char path[4096];
	unsigned seen = 0;

	snprintf(path, sizeof(path), "%s/%s", CORPUS, TARGETS[target].name);
	DIR *dir = opendir(path);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(
		    path, sizeof(path), "%s/%s/%s", CORPUS, TARGETS[target].name, entry->d_name);
		++*(replay_file(target, path, dir) ? passed : failed);
		seen++;
	}
	if (dir)
		closedir(dir);
	if (seen == 0) {
		printf("%s: no corpus\n", path);
		++*failed;
	}
}

int main(void)
{
	unsigned passed = 0, failed = 0;

	xml_parser_use(xml_library_linked, NULL);
	for (size_t i = 0; i < COUNT_OF(TARGETS); i++)
		replay_target(i, &passed, &failed);
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
