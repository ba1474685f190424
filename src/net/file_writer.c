/* SPDX-License-Identifier: ISC
 * file_writer: writes a text to a file of the state directory in a thread: the loop does not wait
 * for the disk. */
#include "net/file_writer.h"
#include "base/instant.h"
#include "net/kept_file.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One text on its way to the disk. Shared with the thread: who comes last frees it. */
struct job {
	pthread_mutex_t mutex;
	pthread_cond_t has_ended;
	bool ended, abandoned; /* guarded */
	int result;            /* once it has ended */
	char *directory, *text;
	char name[KEPT_FILE_NAME_MAX];
	size_t len;
};

struct file_writer {
	char *directory;
	char name[KEPT_FILE_NAME_MAX];
	file_writer_done_fn *done;
	void *context;
	struct job *job; /* NULL: nothing is being written */
};

static void job_free(struct job *job)
{
	pthread_cond_destroy(&job->has_ended);
	pthread_mutex_destroy(&job->mutex);
	free(job->directory);
	free(job->text);
	free(job);
}

/* The text is the caller's until this has succeeded. */
static struct job *job_new(const struct file_writer *writer)
{
	struct job *job = calloc(1, sizeof(*job));
	pthread_condattr_t monotonic;

	if (!job)
		return NULL;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&job->has_ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&job->mutex, NULL);
	strcpy(job->name, writer->name);
	job->directory = strdup(writer->directory);
	if (job->directory)
		return job;
	job_free(job);
	return NULL;
}

static void *run(void *context)
{
	struct job *job = context;
	int result =
	    kept_file_replace(job->directory, job->name, (struct slice){job->text, job->len});

	pthread_mutex_lock(&job->mutex);
	job->result = result;
	job->ended = true;
	bool abandoned = job->abandoned;
	pthread_cond_signal(&job->has_ended);
	pthread_mutex_unlock(&job->mutex);
	if (abandoned)
		job_free(job);
	return NULL;
}

void file_writer_poll(struct file_writer *writer)
{
	struct job *job = writer->job;

	if (!job)
		return;
	pthread_mutex_lock(&job->mutex);
	bool ended = job->ended;
	pthread_mutex_unlock(&job->mutex);
	if (!ended)
		return;
	int result = job->result;
	writer->job = NULL;
	job_free(job);
	writer->done(writer->context, result);
}

struct file_writer *file_writer_new(
    const char *directory, const char *name, file_writer_done_fn *done, void *context)
{
	struct file_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	*writer = (struct file_writer){.done = done, .context = context};
	strncpy(writer->name, name, sizeof(writer->name) - 1);
	writer->directory = strdup(directory);
	if (writer->directory)
		return writer;
	free(writer);
	return NULL;
}

void file_writer_free(struct file_writer *writer)
{
	if (!writer)
		return;
	struct job *job = writer->job;
	if (job) {
		pthread_mutex_lock(&job->mutex);
		bool ended = job->ended;
		job->abandoned = true;
		pthread_mutex_unlock(&job->mutex);
		if (ended)
			job_free(job);
	}
	free(writer->directory);
	free(writer);
}

/* Signals are for the thread of the loop. */
static int start_thread(struct job *job)
{
	sigset_t all, before;
	pthread_attr_t detached;
	pthread_t thread;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&thread, &detached, run, job);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&detached);
	return -error;
}

int file_writer_begin(struct file_writer *writer, char *text, size_t len)
{
	struct job *job = writer->job ? NULL : job_new(writer);
	int error = writer->job ? -EBUSY : -ENOMEM;

	if (job) {
		job->text = text;
		job->len = len;
		error = start_thread(job);
		if (!error) {
			writer->job = job;
			return 0;
		}
		job->text = NULL;
		job_free(job);
	}
	free(text);
	return error;
}

bool file_writer_is_busy(const struct file_writer *writer)
{
	return writer->job != NULL;
}

int file_writer_wait(struct file_writer *writer, int64_t limit)
{
	struct job *job = writer->job;
	struct timespec until;

	if (!job)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += limit / SECONDS(1);
	pthread_mutex_lock(&job->mutex);
	for (int error = 0; !job->ended && !error;)
		error = pthread_cond_timedwait(&job->has_ended, &job->mutex, &until);
	bool ended = job->ended;
	pthread_mutex_unlock(&job->mutex);
	if (!ended)
		return -ETIMEDOUT;
	file_writer_poll(writer);
	return 0;
}
