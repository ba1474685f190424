/* SPDX-License-Identifier: ISC
 * failing_malloc: a library for LD_PRELOAD in which those allocations fail that another process
 * names; for test_allocations.py. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* In the file that FAILING_MALLOC names, mapped by both processes. */
struct plan {
	_Atomic long seen;     /* allocations so far */
	_Atomic long from, to; /* those that fail: from <= number < to, the first one is 0 */
	_Atomic long failed;   /* how many were to */
};

static struct plan *plan;

/* The constructors of libraries that come later allocate, too; before this one, nothing fails. */
__attribute__((constructor)) static void map_plan(void)
{
	const char *path = getenv("FAILING_MALLOC");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	void *mapped = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped != MAP_FAILED)
		plan = mapped;
}

/* json-c before 0.17 does not look whether it got the copy of a key (json_tokener.c), and
 * libseccomp 2.5 not at all: there is no way round it. */
static int is_spared(const void *caller, int is_copy)
{
	Dl_info from;
	if (!dladdr(caller, &from) || !from.dli_fname)
		return 0;
	return strstr(from.dli_fname, "libseccomp") != NULL ||
	       (is_copy && strstr(from.dli_fname, "libjson-c") != NULL);
}

static int fails(const void *caller, int is_copy)
{
	if (!plan)
		return 0;
	long number = atomic_fetch_add(&plan->seen, 1);
	if (number < plan->from || number >= plan->to)
		return 0;
	atomic_fetch_add(&plan->failed, 1);
	if (is_spared(caller, is_copy))
		return 0;
	errno = ENOMEM;
	return 1;
}

/* What the name means without this library. */
static void *original(const char *name, void **kept)
{
	if (!*kept)
		*kept = dlsym(RTLD_NEXT, name);
	return *kept;
}

#define CALLER __builtin_return_address(0)

static void *allocate(size_t size)
{
	static void *kept;
	return ((void *(*)(size_t))original("malloc", &kept))(size);
}

void *malloc(size_t size)
{
	return fails(CALLER, 0) ? NULL : allocate(size);
}

void *calloc(size_t count, size_t size)
{
	static void *kept;
	if (fails(CALLER, 0))
		return NULL;
	return ((void *(*)(size_t, size_t))original("calloc", &kept))(count, size);
}

static void *resize(void *old, size_t size)
{
	static void *kept;
	return ((void *(*)(void *, size_t))original("realloc", &kept))(old, size);
}

void *realloc(void *old, size_t size)
{
	return fails(CALLER, 0) ? NULL : resize(old, size);
}

/* glibc implements it with its own realloc. */
void *reallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;
	if (!__builtin_mul_overflow(count, size, &bytes))
		return fails(CALLER, 0) ? NULL : resize(old, bytes);
	errno = ENOMEM;
	return NULL;
}

char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = fails(CALLER, 1) ? NULL : allocate(size);
	return copy ? memcpy(copy, text, size) : NULL;
}
