#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jwt/file.h"
#include "jwt/provider.h"
#include "netd/netd.h"

#define REDIRECTS_MAX 3
#define CA_FILE_MAX (1024 * 1024) /* bytes */

int64_t
netd_now(void)
{
	return (int64_t)time(NULL);
}

static void
tell(const struct netd_job *job, const char *text)
{
	if (job->netd->tell != NULL)
		job->netd->tell(job->issuer->label, text);
}

/*
 * The end of a job.
 */

static void
write_record(struct netd_job *job)
{
	struct jwt_fault fault = {""};
	enum jwt_reason result;
	int lock;

	if (job->netd->dry)
		return;
	lock = netd_lock(job->netd->folder);
	result = netd_record_write(
	    job->netd->folder, job->issuer->label, &job->record, &fault);
	if (lock != -1)
		close(lock);
	if (result == JWT_OK)
		return;
	job->well = false;
	if (job->fault.text[0] == '\0')
		jwt_fault_set(&job->fault, "%s",
		    result == JWT_NO_MEMORY ? "no memory" : fault.text);
}

static void
fail(struct netd_job *job, int64_t retry)
{
	job->stage = NETD_DONE;
	job->well = false;
	job->record.failures++;
	job->record.due =
	    netd_now() + netd_wait_failed(job->record.failures, retry,
			     job->issuer->provider.stale_after);
	write_record(job);
}

static void
fail_memory(struct netd_job *job)
{
	jwt_fault_set(&job->fault, "no memory");
	fail(job, JWT_UNSET);
}

static void
succeed(struct netd_job *job, const struct netd_answer *answer)
{
	struct netd_record *record = &job->record;

	job->stage = NETD_DONE;
	job->well = true;
	record->failures = 0;
	record->due = netd_now() + netd_wait_well(answer->max_age,
				       job->issuer->provider.stale_after);
	if (!job->unchanged) {
		free(record->etag);
		record->etag =
		    answer->etag != NULL ? strdup(answer->etag) : NULL;
	}
	write_record(job);
}

/*
 * The stages.
 */

static netd_done take;

/* Asks; `etag` only of what is there and came from the same address. */
static void
ask(struct netd_job *job, const char *etag)
{
	if (job->url == NULL ||
	    !netd_download(job->netd->multi, job->url, &job->issuer->provider,
		job->ca, etag, take, job))
		fail_memory(job);
}

static void
ask_for_keys(struct netd_job *job)
{
	struct netd_record *record = &job->record;
	bool same = record->url != NULL && record->etag != NULL &&
	            strcmp(record->url, job->url) == 0 && !job->netd->dry &&
	            netd_confirmed(job->netd->config, job->issuer) != 0;

	job->stage = NETD_KEYS;
	job->redirects = 0;
	if (!same) {
		free(record->url);
		free(record->etag);
		record->etag = NULL;
		record->url = strdup(job->url);
	}
	ask(job, same ? record->etag : NULL);
}

static void
ask_about_issuer(struct netd_job *job, bool inserted)
{
	job->stage = inserted ? NETD_INSERTED : NETD_APPENDED;
	job->redirects = 0;
	free(job->url);
	job->url =
	    netd_discovery_url(jwt_provider_issuer(job->issuer), inserted);
	ask(job, NULL);
}

/* Only to https, of the same host, and not for ever. */
static void
follow(struct netd_job *job, const struct netd_answer *answer)
{
	const char *to = answer->redirect, *wrong = jwt_url_fault(to);
	struct jwt_slice host = jwt_url_host(job->url);
	char quoted[160];

	if (wrong == NULL && strncmp(to, "https://", 8) != 0)
		wrong = "is not https";
	if (wrong == NULL && !jwt_slice_equal_caseless(jwt_url_host(to), host))
		wrong = "is of another host; name that one in the section, "
			"if it is to be believed";
	if (wrong == NULL && ++job->redirects > REDIRECTS_MAX)
		wrong = "is one redirect too many";
	if (wrong != NULL) {
		jwt_quote(quoted, sizeof(quoted), jwt_slice_of(to));
		jwt_fault_set(&job->fault, "%.200s: redirects to %s, which %s",
		    job->url, quoted, wrong);
		fail(job, JWT_UNSET);
		return;
	}
	free(job->url);
	job->url = strdup(to);
	ask(job, NULL);
}

static void
take_discovery(struct netd_job *job, const struct netd_answer *answer)
{
	char *keys;

	keys = netd_discovery_read(
	    (struct jwt_slice){
		answer->bytes == NULL ? "" : answer->bytes, answer->len},
	    jwt_provider_issuer(job->issuer), job->url, &job->fault);
	if (keys == NULL) {
		fail(job, JWT_UNSET);
		return;
	}
	free(job->url);
	job->url = keys;
	ask_for_keys(job);
}

static void
take_keys(struct netd_job *job, const struct netd_answer *answer)
{
	struct jwt_slice document = {
	    answer->bytes == NULL ? "" : answer->bytes, answer->len};
	enum jwt_reason result;

	job->unchanged = answer->status == 304;
	if (job->unchanged)
		document = (struct jwt_slice){NULL, 0};
	result = netd_publish(job->netd->folder, job->netd->config, job->issuer,
	    document, job->url, job->began, job->netd->dry, &job->set,
	    &job->fault);
	if (result == JWT_OK)
		succeed(job, answer);
	else
		fail(job, JWT_UNSET);
}

static void
tell_answer(const struct netd_job *job, const struct netd_answer *answer)
{
	char *text;

	text = jwt_format("%s: HTTP %ld, %zu bytes in %.0f ms%s%s", job->url,
	    answer->status, answer->len, answer->seconds * 1000,
	    answer->etag != NULL ? ", with an ETag" : "",
	    answer->max_age != JWT_UNSET ? ", with a Cache-Control" : "");
	if (text != NULL)
		tell(job, text);
	free(text);
}

static void
take(
    void *data, const struct netd_answer *answer, const struct jwt_fault *fault)
{
	struct netd_job *job = data;

	tell_answer(job, answer);
	if (answer->status == 404 && job->stage == NETD_APPENDED &&
	    answer->redirect == NULL) {
		ask_about_issuer(job, true);
	} else if (fault->text[0] != '\0') {
		job->fault = *fault;
		fail(job, answer->retry);
	} else if (answer->redirect != NULL) {
		follow(job, answer);
	} else if (job->stage == NETD_KEYS) {
		take_keys(job, answer);
	} else {
		take_discovery(job, answer);
	}
}

/*
 * The beginning.
 */

/* The certificates that the provider's must come from. */
static bool
read_ca(struct netd_job *job)
{
	const char *path = job->issuer->provider.ca_file;
	enum jwt_reason result;
	struct jwt_file file;

	if (path == NULL)
		return true;
	result = jwt_file_read(path, CA_FILE_MAX, &file, &job->fault);
	if (result == JWT_OK) {
		job->ca = file.bytes;
		return true;
	}
	if (result == JWT_NO_MEMORY)
		jwt_fault_set(&job->fault, "no memory");
	return false;
}

/* Before anything is asked, so that a flood of logins costs one fetch. */
static bool
stamp(struct netd_job *job, int64_t every)
{
	struct netd_record *record = &job->record;
	int folder = job->netd->folder;
	enum jwt_reason result = JWT_OK;
	int lock;
	bool early;

	if (folder == -1)
		return true;
	lock = netd_lock(folder);
	netd_record_read(folder, job->issuer->label, record);
	/* A stamp from the future is that of a clock that was wrong. */
	early = record->attempted <= job->began &&
	        job->began - record->attempted < every;
	if (!early && !job->netd->dry) {
		record->attempted = job->began;
		result = netd_record_write(
		    folder, job->issuer->label, record, &job->fault);
	}
	if (lock != -1)
		close(lock);
	if (result == JWT_NO_MEMORY)
		jwt_fault_set(&job->fault, "no memory");
	return !early;
}

bool
netd_job_begin(struct netd_job *job, int64_t every)
{
	job->began = netd_now();
	if (!stamp(job, every)) {
		netd_job_clear(job);
		return false;
	}
	if (job->fault.text[0] != '\0' || !read_ca(job)) {
		fail(job, JWT_UNSET);
		return true;
	}
	if (job->issuer->provider.discovery) {
		ask_about_issuer(job, false);
	} else {
		job->url = strdup(job->issuer->provider.jwks_url);
		if (job->url == NULL)
			fail_memory(job);
		else
			ask_for_keys(job);
	}
	return true;
}

void
netd_job_clear(struct netd_job *job)
{
	struct netd *netd = job->netd;
	const struct jwt_issuer *issuer = job->issuer;
	int64_t rest = job->rest;

	free(job->ca);
	free(job->url);
	netd_record_clear(&job->record);
	netd_set_clear(&job->set);
	*job = (struct netd_job){.netd = netd, .issuer = issuer, .rest = rest};
}
