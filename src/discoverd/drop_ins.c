/* SPDX-License-Identifier: ISC
 * drop_ins: what other packages of this host announce by files in a directory. */
#include "discoverd/drop_ins.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/core_offers.h"
#include "core/offer_description.h"
#include "core/own_offer.h"
#include "discoverd/config_files.h"
#include "discoverd/drop_in_source.h"
#include "model/offers.h"
#include "net/text_file.h"

/* All are compared with all: many more would keep the loop from everything else. */
enum { DEVICES_MAX = 256 };
#define DEVICES_MAX_TEXT "256"

struct drop_in {
	char *path;
	char *text; /* as it was read last; NULL: not, or not successfully */
	size_t len;
	int error;                    /* of the last reading */
	struct service_file *good;    /* in force; NULL: nothing of it */
	struct service_file *waiting; /* written well, but not to be had beside the others */
	bool told;                    /* why it waits */
};

struct drop_ins {
	char *directory;
	struct drop_ins_host host;
	struct drop_in *files; /* in the order of their names */
	size_t file_count;
	uint64_t *numbers; /* of the trees that are announced for them */
	size_t number_count;
};

/* Why a file cannot be in force. */
struct obstacle {
	unsigned line;
	char what[384];
};

static void drop_in_fini(struct drop_in *file)
{
	service_file_free(file->good);
	service_file_free(file->waiting);
	free(file->text);
	free(file->path);
}

struct drop_ins *drop_ins_new(const char *config_file, const struct drop_ins_host *host)
{
	struct drop_ins *drop_ins = calloc(1, sizeof(*drop_ins));
	const char *slash = strrchr(config_file, '/');

	if (!drop_ins)
		return NULL;
	drop_ins->host = *host;
	if (asprintf(&drop_ins->directory, "%.*sservices.d",
		slash ? (int)(slash + 1 - config_file) : 0, config_file) < 0) {
		free(drop_ins);
		return NULL;
	}
	return drop_ins;
}

void drop_ins_free(struct drop_ins *drop_ins)
{
	if (!drop_ins)
		return;
	for (size_t i = 0; i < drop_ins->file_count; i++)
		drop_in_fini(&drop_ins->files[i]);
	free(drop_ins->files);
	free(drop_ins->numbers);
	free(drop_ins->directory);
	free(drop_ins);
}

const char *drop_ins_directory(const struct drop_ins *drop_ins)
{
	return drop_ins->directory;
}

static struct drop_in_source source_of(const struct drop_ins *drop_ins, const struct drop_in *file)
{
	return (struct drop_in_source){drop_ins->host.config, drop_ins->host.identity, file->path};
}

static void udn_of(const struct drop_ins *drop_ins, const struct drop_in *file,
    const struct service_file_device *device, char udn[UDN_TEXT_MAX])
{
	struct drop_in_source source = source_of(drop_ins, file);

	drop_in_source_udn(&source, device, udn);
}

static int extend_by(const struct drop_ins *drop_ins, const struct drop_in *file,
    const struct service_file *content, struct offer *own)
{
	struct drop_in_source source = source_of(drop_ins, file);

	return drop_in_source_extend(&source, content, own);
}

int drop_ins_extend(const struct drop_ins *drop_ins, struct offer *own)
{
	int result = 0;

	for (size_t i = 0; i < drop_ins->file_count && !result; i++)
		if (drop_ins->files[i].good)
			result =
			    extend_by(drop_ins, &drop_ins->files[i], drop_ins->files[i].good, own);
	return result;
}

static bool is_ours(const struct drop_ins *drop_ins, const struct offer *offer)
{
	for (size_t i = 0; i < drop_ins->number_count; i++)
		if (core_find_offer(drop_ins->host.core, drop_ins->numbers[i]) == offer)
			return true;
	return false;
}

/* What has this UDN already, besides the devices of `except`; NULL: nothing. */
static const char *holder_of(
    const struct drop_ins *drop_ins, struct slice udn, const struct drop_in *except)
{
	const struct core *core = drop_ins->host.core;
	const struct offers *offers = core ? core_offers(core) : NULL;
	char other[UDN_TEXT_MAX];

	if (slice_equal_nocase(udn, slice_of(drop_ins->host.identity->udn)))
		return "this host itself";
	for (size_t i = 0; i < drop_ins->file_count; i++) {
		const struct drop_in *file = &drop_ins->files[i];
		for (size_t k = 1; file != except && file->good && k < file->good->device_count;
		     k++) {
			udn_of(drop_ins, file, &file->good->devices[k], other);
			if (slice_equal_nocase(udn, slice_of(other)))
				return file->path;
		}
	}
	/* the first tree is our own, with devices of files in it */
	for (size_t i = 1; offers && i < offers->count; i++)
		if (!is_ours(drop_ins, offers->list[i]) && offer_has_udn(offers->list[i], udn))
			return "a program";
	return NULL;
}

static bool is_udn_free(
    const struct drop_ins *drop_ins, const struct drop_in *file, struct obstacle *obstacle)
{
	char udn[UDN_TEXT_MAX], other[UDN_TEXT_MAX];

	for (size_t i = 1; i < file->waiting->device_count; i++) {
		const struct service_file_device *device = &file->waiting->devices[i];
		udn_of(drop_ins, file, device, udn);
		const char *holder = holder_of(drop_ins, slice_of(udn), file);
		for (size_t k = 1; k < i && !holder; k++) {
			udn_of(drop_ins, file, &file->waiting->devices[k], other);
			if (slice_equal_nocase(slice_of(udn), slice_of(other)))
				holder = "another [Device] of this file";
		}
		if (!holder)
			continue;
		obstacle->line = device->line;
		snprintf(obstacle->what, sizeof(obstacle->what),
		    "%s is announced already by %.180s; give one of them another uuid", udn,
		    holder);
		return false;
	}
	return true;
}

/* The first device of a file is this host. */
static bool is_room(const struct drop_ins *drop_ins, const struct drop_in *file)
{
	size_t count = file->waiting->device_count - 1;

	for (size_t i = 0; i < drop_ins->file_count; i++) {
		const struct drop_in *other = &drop_ins->files[i];
		if (other != file && other->good)
			count += other->good->device_count - 1;
	}
	return count <= DEVICES_MAX;
}

/* 0 where our description takes the file in beside all others. */
static int try_description(const struct drop_ins *drop_ins, const struct drop_in *candidate)
{
	struct offer *own;
	char *text = NULL;
	uint32_t config_id;
	int result = own_offer_build(drop_ins->host.config, drop_ins->host.identity, 0, &own);

	if (result)
		return result;
	for (size_t i = 0; i < drop_ins->file_count && !result; i++) {
		const struct drop_in *file = &drop_ins->files[i];
		const struct service_file *content = file == candidate ? file->waiting : file->good;
		if (content)
			result = extend_by(drop_ins, file, content, own);
	}
	if (!result)
		result = offer_description_make(own, OFFER_PATH, &text, &config_id);
	free(text);
	offer_free(own);
	return result;
}

static bool fits(
    const struct drop_ins *drop_ins, const struct drop_in *file, struct obstacle *obstacle)
{
	int result = -EUSERS;

	if (is_room(drop_ins, file))
		result =
		    is_udn_free(drop_ins, file, obstacle) ? try_description(drop_ins, file) : 1;
	if (result >= 0)
		return result == 0;
	obstacle->line = 0;
	snprintf(obstacle->what, sizeof(obstacle->what), "%s",
	    result == -EEXIST
		? "a service of this host is announced already by another file; give it an id"
	    : result == -EUSERS ? "with it files would announce more than " DEVICES_MAX_TEXT
				  " devices"
	    : result == -E2BIG  ? "with it this host would have more than " OFFER_DESCRIPTION_LIMITS
	    : result == -ENOSPC ? "with it the description of this host would be too long"
				: strerror(-result));
	return false;
}

static void say_what_stays(const struct drop_in *file)
{
	if (file->good)
		log_warning("%s: what it announced before stays", file->path);
}

static void take_over(struct drop_in *file)
{
	service_file_free(file->good);
	file->good = file->waiting;
	file->waiting = NULL;
	log_info("%s is in force", file->path);
}

/* Lets those in that can be beside the others, in any order that works: a UDN may have moved from
 * one file to another. Returns how many were told why not. */
static int settle(struct drop_ins *drop_ins, config_error_fn *error, void *context)
{
	struct obstacle obstacle;
	bool again = true;
	int told = 0;

	while (again) {
		again = false;
		for (size_t i = 0; i < drop_ins->file_count; i++) {
			struct drop_in *file = &drop_ins->files[i];
			if (!file->waiting || !fits(drop_ins, file, &obstacle))
				continue;
			take_over(file);
			again = true;
		}
	}
	for (size_t i = 0; i < drop_ins->file_count; i++) {
		struct drop_in *file = &drop_ins->files[i];
		if (!file->waiting || file->told || fits(drop_ins, file, &obstacle))
			continue;
		error(context, file->path, obstacle.line, obstacle.what);
		say_what_stays(file);
		file->told = true;
		told++;
	}
	return told;
}

/* Reads a file where it has changed. 1 where mistakes were reported. */
static int refresh(struct drop_in *file, config_error_fn *error, void *context)
{
	struct service_file *content;
	char *text = NULL;
	size_t len = 0;
	int result = text_file_read(file->path, &text, &len), former = file->error;

	file->error = result;
	if (!result && file->text && len == file->len && memcmp(text, file->text, len) == 0) {
		free(text);
		return 0;
	}
	free(file->text);
	file->text = text;
	file->len = len;
	service_file_free(file->waiting);
	file->waiting = NULL;
	if (result) {
		if (result != former)
			error(context, file->path, 0, file_rules_explain(file->path, result));
		return result != former;
	}
	result =
	    service_file_parse(file->path, (struct slice){text, len}, error, context, &content);
	if (result) {
		if (result == -ENOMEM)
			error(context, file->path, 0, strerror(ENOMEM));
		return 1;
	}
	file->waiting = content;
	file->told = false;
	return 0;
}

/* Makes the list of files that of these paths, in their order. 0 or -ENOMEM. */
static int follow_paths(struct drop_ins *drop_ins, char *const *paths, size_t count)
{
	struct drop_in *files = calloc(count ? count : 1, sizeof(*files));
	size_t kept = 0;

	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < drop_ins->file_count && !files[kept].path; k++) {
			struct drop_in *before = &drop_ins->files[k];
			if (!before->path || strcmp(before->path, paths[i]) != 0)
				continue;
			files[kept] = *before;
			*before = (struct drop_in){0};
		}
		if (!files[kept].path)
			files[kept].path = strdup(paths[i]);
		kept += files[kept].path ? 1 : 0;
	}
	for (size_t i = 0; i < drop_ins->file_count; i++) {
		if (drop_ins->files[i].good)
			log_info("%s is gone", drop_ins->files[i].path);
		drop_in_fini(&drop_ins->files[i]);
	}
	free(drop_ins->files);
	drop_ins->files = files;
	drop_ins->file_count = kept;
	return 0;
}

int drop_ins_read(struct drop_ins *drop_ins, bool all, config_error_fn *error, void *error_context)
{
	glob_t found;
	int wrong = 0, result = text_file_find(drop_ins->directory, &found);

	if (result)
		error(error_context, drop_ins->directory, 0,
		    file_rules_explain(drop_ins->directory, result));
	else
		result = follow_paths(drop_ins, found.gl_pathv, found.gl_pathc);
	globfree(&found);
	if (result)
		return result;
	for (size_t i = 0; i < drop_ins->file_count; i++) {
		struct drop_in *file = &drop_ins->files[i];
		if (all) {
			free(file->text);
			file->text = NULL;
			file->error = 0;
		}
		if (!refresh(file, error, error_context))
			continue;
		say_what_stays(file);
		wrong++;
	}
	return wrong + settle(drop_ins, error, error_context);
}

/* True when one of our trees says the same. */
static bool is_announced(const struct drop_ins *drop_ins, const struct offer *tree)
{
	for (size_t i = 0; i < drop_ins->number_count; i++) {
		const struct offer *other =
		    core_find_offer(drop_ins->host.core, drop_ins->numbers[i]);
		if (other && offer_says_the_same(other, tree))
			return true;
	}
	return false;
}

typedef void wanted_fn(struct drop_ins *drop_ins, struct offer **tree, void *context);

/* Calls `fn` with every tree that the files want, and frees it unless `fn` has taken it. */
static void for_each_wanted(struct drop_ins *drop_ins, wanted_fn *fn, void *context)
{
	for (size_t i = 0; i < drop_ins->file_count; i++) {
		const struct drop_in *file = &drop_ins->files[i];
		struct drop_in_source source = source_of(drop_ins, file);
		for (size_t k = 1; file->good && k < file->good->device_count; k++) {
			if (!file->good->devices[k].location)
				continue;
			struct offer *tree = drop_in_source_tree(&source, &file->good->devices[k]);
			if (tree)
				fn(drop_ins, &tree, context);
			offer_free(tree);
		}
	}
}

struct comparison {
	const struct offer *announced;
	bool found;
};

static void compare(struct drop_ins *drop_ins, struct offer **wanted, void *context)
{
	struct comparison *comparison = context;

	(void)drop_ins;
	comparison->found |= offer_says_the_same(comparison->announced, *wanted);
}

static void announce(struct drop_ins *drop_ins, struct offer **wanted, void *context)
{
	uint64_t *numbers, number;

	(void)context;
	if (is_announced(drop_ins, *wanted))
		return;
	numbers = reallocarray(drop_ins->numbers, drop_ins->number_count + 1, sizeof(*numbers));
	if (!numbers)
		return;
	drop_ins->numbers = numbers;
	if (drop_ins->host.announce(drop_ins->host.context, *wanted, &number) == 0)
		numbers[drop_ins->number_count++] = number;
	*wanted = NULL;
}

void drop_ins_announce(struct drop_ins *drop_ins)
{
	size_t kept = 0;

	for (size_t i = 0; i < drop_ins->number_count; i++) {
		uint64_t number = drop_ins->numbers[i];
		struct comparison comparison = {
		    .announced = core_find_offer(drop_ins->host.core, number)};
		if (comparison.announced)
			for_each_wanted(drop_ins, compare, &comparison);
		if (comparison.found)
			drop_ins->numbers[kept++] = number;
		else
			drop_ins->host.withdraw(drop_ins->host.context, number);
	}
	drop_ins->number_count = kept;
	for_each_wanted(drop_ins, announce, NULL);
}

int drop_ins_check(
    const char *config_file, const struct config *config, config_error_fn *error, void *context)
{
	char udn[UDN_TEXT_MAX] = "";
	struct core_identity identity = {
	    .udn = udn, .host_name = "", .model = "", .derive_udn = identity_derive_udn};
	struct drop_ins_host host = {.config = config, .identity = &identity};
	struct drop_ins *drop_ins;
	int wrong;

	if (config->device.uuid)
		snprintf(udn, sizeof(udn), "uuid:%s", config->device.uuid);
	drop_ins = drop_ins_new(config_file, &host);
	wrong = drop_ins ? drop_ins_read(drop_ins, true, error, context) : -ENOMEM;
	drop_ins_free(drop_ins);
	return wrong > 0 ? -EINVAL : wrong;
}
