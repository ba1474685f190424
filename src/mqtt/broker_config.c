/* SPDX-License-Identifier: ISC
 * broker_config: see broker_config.h. */
#include "mqtt/broker_config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "net/text_file.h"

static int read_password(const char *path, char **password)
{
	char *text = NULL;
	size_t len = 0;
	int error = text_file_read(path, &text, &len);

	if (!error) {
		struct slice line = slice_head(
		    (struct slice){text, len}, slice_find((struct slice){text, len}, '\n'));
		if (line.len && line.bytes[line.len - 1] == '\r')
			line.len--;
		*password = slice_dup(line);
		error = *password ? 0 : -ENOMEM;
	}
	if (text)
		explicit_bzero(text, len);
	free(text);
	if (error)
		log_error("password-file: %s: %s", path, strerror(-error));
	return error;
}

int broker_config_apply(
    const struct mqtt_config *config, struct broker_options *options, char **password)
{
	int error = 0;

	*password = NULL;
	*options = (struct broker_options){.ca_file = config->ca_file,
	    .cert_file = config->cert_file,
	    .key_file = config->key_file,
	    .username = config->username,
	    .keep_alive = (uint16_t)config->keep_alive};
	if (broker_url_parse(slice_of(config->broker), &options->url))
		return -EINVAL;
	if (config->password_file)
		error = read_password(config->password_file, password);
	options->password = *password;
	return error;
}
