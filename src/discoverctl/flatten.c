/* SPDX-License-Identifier: ISC
 * flatten: see flatten.h. */
#include "discoverctl/flatten.h"
#include "base/writer.h"
#include "discoverctl/field.h"

enum { DEPTH_MAX = 24, PATH_MAX_LEN = 512 };

/* Where we are in one array or object, and how much of the path names it. */
struct level {
	struct json_object *value;
	struct json_object_iterator member, end; /* of an object */
	size_t next;                             /* of an array */
	size_t path_len;
};

static void enter(struct level *level, struct json_object *value, size_t path_len)
{
	*level = (struct level){.value = value, .path_len = path_len};
	if (!json_object_is_type(value, json_type_object))
		return;
	level->member = json_object_iter_begin(value);
	level->end = json_object_iter_end(value);
}

/* The next value of this level, its name put on the path; false at its end. */
static bool step(struct level *level, struct writer *path, struct json_object **value)
{
	path->len = level->path_len;
	if (path->len)
		writer_char(path, '.');
	if (json_object_is_type(level->value, json_type_array)) {
		if (level->next >= field_length(level->value))
			return false;
		*value = field_entry(level->value, level->next);
		writer_u64(path, level->next++);
		return true;
	}
	if (json_object_iter_equal(&level->member, &level->end))
		return false;
	writer_text(path, json_object_iter_peek_name(&level->member));
	*value = json_object_iter_peek_value(&level->member);
	json_object_iter_next(&level->member);
	return true;
}

static bool has_parts(struct json_object *value)
{
	if (json_object_is_type(value, json_type_object))
		return json_object_object_length(value) > 0;
	return field_length(value) > 0;
}

static struct slice scalar(struct json_object *value)
{
	bool container = json_object_is_type(value, json_type_object) ||
			 json_object_is_type(value, json_type_array);
	return container ? SLICE_NONE : field_text(value);
}

void flatten(struct json_object *object, flatten_fn *fn, void *context)
{
	struct level levels[DEPTH_MAX];
	char buffer[PATH_MAX_LEN];
	struct writer path;
	size_t depth = 1;

	writer_init(&path, buffer, sizeof(buffer));
	enter(&levels[0], object, 0);
	while (depth) {
		struct json_object *value;
		path.error = 0; /* a path that is too long is cut */
		if (!step(&levels[depth - 1], &path, &value))
			depth--;
		else if (!has_parts(value))
			fn(context, writer_result(&path), scalar(value));
		else if (depth < DEPTH_MAX)
			enter(&levels[depth++], value, path.len);
	}
}
