/*
 * Every issuer once, or one of them, and a report: what `jwtctl fetch` runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netd/netd.h"

struct run {
	struct netd netd;
	const struct netd_options *options;
	struct netd_job *job;
	size_t jobs, done, failed;
	bool shows; /* how far it is, on a terminal */
};

/*
 * How far it is.
 */

static void
tell(const char *label, const char *text)
{
	fprintf(stderr, "%s: %s\n", label, text);
}

static const char *
waits_for(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->jobs; i++)
		if (run->job[i].stage != NETD_DONE)
			return run->job[i].issuer->label;
	return NULL;
}

static void
count(struct run *run)
{
	const char *label;
	size_t i;

	run->done = run->failed = 0;
	for (i = 0; i < run->jobs; i++) {
		run->done += run->job[i].stage == NETD_DONE;
		run->failed +=
		    run->job[i].stage == NETD_DONE && !run->job[i].well;
	}
	if (!run->shows)
		return;
	label = waits_for(run);
	fprintf(stderr, "\r\033[K%zu of %zu issuers fetched%s", run->done,
	    run->jobs, label != NULL ? ", waiting for " : "");
	fprintf(stderr, "%s", label != NULL ? label : "\r\033[K");
}

/*
 * The report.
 */

static const char *
plural(size_t number)
{
	return number == 1 ? "" : "s";
}

/* In words, to the larger unit. */
static void
write_interval(int64_t seconds)
{
	if (seconds < 120)
		printf("%lld s", (long long)seconds);
	else if (seconds < 7200)
		printf("%lld min", (long long)seconds / 60);
	else
		printf("%lld h", (long long)seconds / 3600);
}

static void
write_line(const struct netd_job *job, bool dry)
{
	const struct netd_set *set = &job->set;

	printf("%-16s ", job->issuer->label);
	if (!job->well) {
		printf("FAILED  %s\n", job->fault.text);
		return;
	}
	printf("ok      %zu key%s", set->usable, plural(set->usable));
	if (job->unchanged)
		printf(", unchanged");
	if (set->added > 0)
		printf(", %zu new", set->added);
	if (set->gone > 0)
		printf(", %zu gone", set->gone);
	if (set->kept > 0)
		printf(", %zu in their grace", set->kept);
	if (set->skipped > 0)
		printf(", %zu for other use", set->skipped);
	if (dry) {
		printf("; nothing was written");
	} else {
		printf("; next in ");
		write_interval(job->record.due - netd_now());
	}
	printf("\n");
	if (set->refusals != NULL)
		printf("%-16s left out: %s\n", "", set->refusals);
}

/* Text of ours and quoted text: printable ASCII. */
static void
write_string(const char *name, const char *text)
{
	printf(",\"%s\":", name);
	if (text == NULL || text[0] == '\0') {
		printf("null");
		return;
	}
	putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		if ((unsigned char)*text >= ' ' && *text != 0x7f)
			putchar(*text);
	}
	putchar('"');
}

static void
write_json(const struct run *run)
{
	const struct netd_job *job;
	size_t i;

	printf("[");
	for (i = 0; i < run->jobs; i++) {
		job = &run->job[i];
		printf("%s{\"ok\":%s", i > 0 ? "," : "",
		    job->well ? "true" : "false");
		write_string("issuer", job->issuer->label);
		write_string("url", job->url);
		write_string("fault", job->fault.text);
		printf(",\"unchanged\":%s,\"keys\":%zu,\"new\":%zu,\"gone\":"
		       "%zu,\"kept\":%zu,\"other_use\":%zu",
		    job->unchanged ? "true" : "false", job->set.usable,
		    job->set.added, job->set.gone, job->set.kept,
		    job->set.skipped);
		write_string("left_out", job->set.refusals);
		printf(",\"due\":%lld}", (long long)job->record.due);
	}
	printf("]\n");
}

static void
report(const struct run *run)
{
	const struct netd_options *options = run->options;
	size_t i;

	if (options->json) {
		write_json(run);
		return;
	}
	for (i = 0; i < run->jobs; i++) {
		write_line(&run->job[i], options->dry);
		if (options->verbose && run->job[i].set.keys != NULL)
			fputs(run->job[i].set.keys, stdout);
	}
}

/*
 * The run.
 */

static bool
is_wanted(const struct run *run, const struct jwt_issuer *issuer)
{
	const struct netd_options *options = run->options;
	struct netd_record record;
	bool due;

	if (!issuer->fetched ||
	    (options->issuer != NULL &&
		strcmp(options->issuer, issuer->label) != 0))
		return false;
	if (!options->due || run->netd.folder == -1)
		return true;
	netd_record_read(run->netd.folder, issuer->label, &record);
	due = record.due <= netd_now() ||
	      netd_confirmed(run->netd.config, issuer) == 0;
	netd_record_clear(&record);
	return due;
}

static bool
begin(struct run *run)
{
	const struct jwt_config *config = run->netd.config;
	size_t i;

	run->job = calloc(config->issuers + 1, sizeof(*run->job));
	for (i = 0; run->job != NULL && i < config->issuers; i++) {
		if (!is_wanted(run, &config->issuer[i]))
			continue;
		run->job[run->jobs] = (struct netd_job){
		    .netd = &run->netd, .issuer = &config->issuer[i]};
		(void)netd_job_begin(&run->job[run->jobs++], 0);
	}
	return run->job != NULL;
}

static bool
any_fetched(const struct jwt_config *config, const struct netd_options *options)
{
	size_t i;

	for (i = 0; i < config->issuers; i++)
		if (config->issuer[i].fetched &&
		    (options->issuer == NULL ||
			strcmp(options->issuer, config->issuer[i].label) == 0))
			return true;
	return false;
}

static int
say_none(const struct netd_options *options)
{
	if (options->issuer != NULL)
		fprintf(stderr,
		    "jwtctl fetch: %s has no section [issuer %s] with "
		    "jwks_url or discovery\n",
		    options->config, options->issuer);
	else
		fprintf(stderr,
		    "jwtctl fetch: no section of %s has jwks_url or "
		    "discovery, so there is nothing to fetch\n",
		    options->config);
	return 2;
}

static int
run_all(struct run *run)
{
	size_t i;

	if (!begin(run)) {
		fprintf(stderr, "jwtctl fetch: no memory\n");
		return 2;
	}
	run->shows = run->jobs > 1 && isatty(STDERR_FILENO) == 1 &&
	             !run->options->verbose;
	for (count(run); run->done < run->jobs; count(run)) {
		netd_downloads_go_on(run->netd.multi);
		curl_multi_poll(run->netd.multi, NULL, 0, 200, NULL);
	}
	report(run);
	for (i = 0; i < run->jobs; i++)
		netd_job_clear(&run->job[i]);
	return run->failed > 0 ? 1 : 0;
}

int
netd_once(const struct jwt_config *config, const struct netd_options *options)
{
	struct run run = {
	    .netd = {.config = config, .folder = -1}, .options = options};
	struct jwt_fault fault = {""};
	int result;

	if (!any_fetched(config, options))
		return say_none(options);
	run.netd.dry = options->dry;
	run.netd.tell = options->verbose ? tell : NULL;
	if (!options->dry) {
		run.netd.folder = netd_folder_open(config, &fault);
		if (run.netd.folder == -1) {
			fprintf(stderr, "jwtctl fetch: %s\n", fault.text);
			return 2;
		}
	}
	if (!netd_become(config, &fault)) {
		fprintf(stderr, "jwtctl fetch: %s\n", fault.text);
		return 2;
	}
	if ((run.netd.multi = curl_multi_init()) == NULL) {
		fprintf(stderr, "jwtctl fetch: no memory\n");
		return 2;
	}
	result = run_all(&run);
	free(run.job);
	curl_multi_cleanup(run.netd.multi);
	if (run.netd.folder != -1)
		close(run.netd.folder);
	return result;
}
