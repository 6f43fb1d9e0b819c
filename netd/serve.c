/*
 * The service: fetches what is due, and what a login asks for.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "netd/netd.h"

#define CLIENTS_MAX 64
#define LINE_MAX_BYTES 128
#define LINE_SECONDS 2
#define ANSWER_SECONDS 30 /* longer than any fetch takes */
#define IDLE_SECONDS 60
#define REST_SECONDS 60 /* after a failure, as netd_wait_failed has it */

/* Who asks. */
struct client {
	int fd; /* -1: nobody */
	char line[LINE_MAX_BYTES];
	size_t len;
	int64_t deadline;           /* milliseconds of the monotonic clock */
	const struct netd_job *job; /* waits for it; NULL: has not asked yet */
};

struct service {
	const char *path;
	struct jwt_config *config;
	struct stat read; /* the file when it was read */
	struct netd netd;
	struct netd_job *job; /* one for each issuer */
	struct client client[CLIENTS_MAX];
	int listener, signals;
	bool until_idle, stop;
	int64_t busy; /* when something was last to do */
};

static int64_t
milliseconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * The configuration.
 */

static bool
any_runs(const struct service *service)
{
	size_t i;

	for (i = 0; i < service->config->issuers; i++)
		if (service->job[i].stage != NETD_IDLE)
			return true;
	return false;
}

static struct netd_job *
make_jobs(struct service *service, const struct jwt_config *config)
{
	struct netd_job *jobs = calloc(config->issuers + 1, sizeof(*jobs));
	size_t i;

	for (i = 0; jobs != NULL && i < config->issuers; i++)
		jobs[i] = (struct netd_job){
		    .netd = &service->netd, .issuer = &config->issuer[i]};
	return jobs;
}

static bool
has_changed(const struct service *service)
{
	struct stat st;

	return stat(service->path, &st) == 0 &&
	       (st.st_ino != service->read.st_ino ||
		   st.st_size != service->read.st_size ||
		   st.st_mtim.tv_sec != service->read.st_mtim.tv_sec ||
		   st.st_mtim.tv_nsec != service->read.st_mtim.tv_nsec);
}

/*
 * Reads it again when it was changed; a faulty one leaves the one before in
 * force, and not while a job has a section of that one.
 */
static void
heed_changes(struct service *service)
{
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};
	struct netd_job *jobs;
	size_t i;

	if (any_runs(service) || !has_changed(service))
		return;
	(void)stat(service->path, &service->read);
	(void)jwt_config_read(service->path, &config, &faults);
	for (i = 0; i < faults.count; i++)
		syslog(LOG_ERR, "%s", faults.at[i].text);
	jwt_faults_clear(&faults);
	if (config == NULL || (jobs = make_jobs(service, config)) == NULL) {
		syslog(LOG_ERR,
		    "%s was changed and cannot be taken; what was "
		    "read before is still in force",
		    service->path);
		jwt_config_free(config);
		return;
	}
	free(service->job);
	jwt_config_free(service->config);
	service->config = config;
	service->netd.config = config;
	service->job = jobs;
	syslog(LOG_INFO, "%s was read again", service->path);
}

/*
 * Clients.
 */

static void
hang_up(struct client *client, const char *answer)
{
	if (answer != NULL)
		(void)send(client->fd, answer, strlen(answer),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	close(client->fd);
	*client = (struct client){.fd = -1};
}

static void
accept_client(struct service *service)
{
	int fd = accept4(
	    service->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	size_t i;

	if (fd == -1) {
		/* Without descriptors or memory: until some are given up. */
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			poll(NULL, 0, 100);
		return;
	}
	for (i = 0; i < CLIENTS_MAX && service->client[i].fd != -1; i++)
		;
	if (i == CLIENTS_MAX || !netd_may_ask(service->config, fd)) {
		close(fd);
		return;
	}
	service->client[i] = (struct client){
	    .fd = fd, .deadline = milliseconds() + LINE_SECONDS * 1000};
}

static struct netd_job *
find_job(const struct service *service, const char *label)
{
	size_t i;

	for (i = 0; i < service->config->issuers; i++)
		if (service->config->issuer[i].fetched &&
		    strcmp(service->config->issuer[i].label, label) == 0)
			return &service->job[i];
	return NULL;
}

/* One line, FETCH and a label; nobody can name an address. */
static void
answer_line(struct service *service, struct client *client)
{
	static const char word[] = "FETCH ";
	struct netd_job *job = NULL;

	client->line[client->len - 1] = '\0';
	if (strncmp(client->line, word, sizeof(word) - 1) == 0 &&
	    strlen(client->line) == client->len - 1)
		job = find_job(service, client->line + sizeof(word) - 1);
	if (job == NULL) {
		hang_up(client, "UNKNOWN\n");
		return;
	}
	if (job->stage == NETD_IDLE &&
	    !netd_job_begin(job, job->issuer->provider.refetch_every)) {
		hang_up(client, "RECENT\n");
		return;
	}
	client->job = job;
	client->deadline = milliseconds() + (int64_t)ANSWER_SECONDS * 1000;
}

static void
read_client(struct service *service, struct client *client)
{
	char unwanted[64];
	ssize_t n;

	if (client->job != NULL)
		n = recv(client->fd, unwanted, sizeof(unwanted), 0);
	else
		n = recv(client->fd, client->line + client->len,
		    sizeof(client->line) - client->len, 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	/* Who goes away does not stop the fetch: the next login has it. */
	if (n <= 0 || client->job != NULL) {
		hang_up(client, NULL);
		return;
	}
	client->len += (size_t)n;
	if (client->line[client->len - 1] == '\n')
		answer_line(service, client);
	else if (client->len == sizeof(client->line))
		hang_up(client, NULL);
}

static void
drop_slow(struct service *service)
{
	int64_t now = milliseconds();
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (service->client[i].fd != -1 &&
		    service->client[i].deadline <= now)
			hang_up(&service->client[i], "SLOW\n");
}

/*
 * Jobs.
 */

/* From half of stale_after on, with each failure. */
static void
warn_of_age(const struct service *service, const struct netd_job *job)
{
	const struct jwt_issuer *issuer = job->issuer;
	int64_t confirmed = netd_confirmed(service->config, issuer);
	int64_t stale_after = issuer->provider.stale_after;
	char then[JWT_UTC_SIZE], end[JWT_UTC_SIZE];

	if (confirmed == 0) {
		syslog(LOG_ERR,
		    "issuer=%s has no keys: its tokens log nobody "
		    "in",
		    issuer->label);
		return;
	}
	if (netd_now() - confirmed <= stale_after / 2)
		return;
	syslog(LOG_WARNING,
	    "issuer=%s keys were last confirmed at %s and are not believed "
	    "after %s",
	    issuer->label, jwt_utc(then, confirmed),
	    jwt_utc(end, confirmed + stale_after));
}

static void
log_job(const struct service *service, const struct netd_job *job)
{
	const struct netd_set *set = &job->set;
	const char *label = job->issuer->label;
	char due[JWT_UTC_SIZE];

	jwt_utc(due, job->record.due);
	if (!job->well) {
		syslog(LOG_ERR, "issuer=%s not fetched, next at %s: %s", label,
		    due, job->fault.text);
		warn_of_age(service, job);
	} else if (job->unchanged || (set->added == 0 && set->gone == 0)) {
		syslog(LOG_DEBUG, "issuer=%s confirmed, %zu keys, next at %s",
		    label, set->usable, due);
	} else {
		syslog(LOG_INFO,
		    "issuer=%s fetched: %zu keys, %zu new, %zu gone, next at "
		    "%s",
		    label, set->usable, set->added, set->gone, due);
	}
	if (job->well && set->refusals != NULL)
		syslog(LOG_WARNING, "issuer=%s keys left out: %s", label,
		    set->refusals);
}

static void
end_jobs(struct service *service)
{
	struct netd_job *job;
	size_t i, c;

	for (i = 0; i < service->config->issuers; i++) {
		job = &service->job[i];
		if (job->stage != NETD_DONE)
			continue;
		log_job(service, job);
		/* The folder may not take the record that says so. */
		job->rest =
		    job->well ? 0 : milliseconds() + REST_SECONDS * 1000;
		for (c = 0; c < CLIENTS_MAX; c++)
			if (service->client[c].job == job)
				hang_up(&service->client[c],
				    job->well ? "OK\n" : "FAILED\n");
		netd_job_clear(job);
	}
}

/* Begins what is due; seconds until the next is. */
static int64_t
begin_due(struct service *service)
{
	const struct jwt_issuer *issuer;
	struct netd_record record;
	int64_t now = netd_now(), next = IDLE_SECONDS, left, rest;
	size_t i;

	for (i = 0; i < service->config->issuers; i++) {
		issuer = &service->config->issuer[i];
		if (!issuer->fetched || service->job[i].stage != NETD_IDLE)
			continue;
		netd_record_read(service->netd.folder, issuer->label, &record);
		left = record.due - now;
		/* A clock that was wrong must not put it off for years. */
		if (record.attempted > now + 300)
			left = 0;
		netd_record_clear(&record);
		rest = service->job[i].rest - milliseconds();
		if (rest > 0 && left <= rest / 1000)
			left = rest / 1000 + 1;
		if (left <= 0 && !netd_job_begin(&service->job[i], 1))
			left = 1;
		if (left < next)
			next = left > 0 ? left : 0;
	}
	return next;
}

/*
 * The loop.
 */

static void
take_signal(struct service *service)
{
	struct signalfd_siginfo info;

	if (read(service->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		service->read = (struct stat){0};
	else
		service->stop = true;
}

/* Waits for whatever comes first. */
static void
wait_for(struct service *service, int64_t seconds)
{
	struct curl_waitfd fds[CLIENTS_MAX + 2];
	struct client *whose[CLIENTS_MAX + 2] = {NULL};
	unsigned int count = 2, i;
	struct client *client;
	size_t c;

	fds[0] = (struct curl_waitfd){
	    .fd = service->listener, .events = CURL_WAIT_POLLIN};
	fds[1] = (struct curl_waitfd){
	    .fd = service->signals, .events = CURL_WAIT_POLLIN};
	for (c = 0; c < CLIENTS_MAX; c++) {
		client = &service->client[c];
		if (client->fd == -1)
			continue;
		whose[count] = client;
		fds[count++] = (struct curl_waitfd){
		    .fd = client->fd, .events = CURL_WAIT_POLLIN};
		if (client->job == NULL)
			seconds = seconds > 1 ? 1 : seconds;
	}
	curl_multi_poll(
	    service->netd.multi, fds, count, (int)seconds * 1000, NULL);
	if (fds[1].revents != 0)
		take_signal(service);
	for (i = 2; i < count; i++)
		if (fds[i].revents != 0)
			read_client(service, whose[i]);
	if (fds[0].revents != 0) {
		service->busy = milliseconds();
		accept_client(service);
	}
}

static bool
is_idle(const struct service *service)
{
	return service->until_idle && !any_runs(service) &&
	       milliseconds() - service->busy >= IDLE_SECONDS * 1000;
}

static void
run(struct service *service)
{
	int64_t next;

	service->busy = milliseconds();
	while (!service->stop && !is_idle(service)) {
		heed_changes(service);
		next = begin_due(service);
		netd_downloads_go_on(service->netd.multi);
		end_jobs(service);
		if (any_runs(service)) {
			service->busy = milliseconds();
			next = next > 1 ? 1 : next;
		}
		wait_for(service, next);
		netd_downloads_go_on(service->netd.multi);
		end_jobs(service);
		drop_slow(service);
	}
}

static bool
take_signals(struct service *service)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return false;
	service->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return service->signals != -1;
}

int
netd_serve(const char *path, struct jwt_config *config, int folder,
    int listener, bool until_idle)
{
	struct service service = {.path = path,
	    .config = config,
	    .netd = {.config = config, .folder = folder},
	    .listener = listener,
	    .until_idle = until_idle};
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		service.client[i].fd = -1;
	(void)stat(path, &service.read);
	service.netd.multi = curl_multi_init();
	service.job = make_jobs(&service, config);
	if (service.netd.multi == NULL || service.job == NULL ||
	    !take_signals(&service)) {
		syslog(LOG_ERR, "no memory");
		return EX_OSERR;
	}
	syslog(LOG_INFO, "ready");
	run(&service);
	syslog(LOG_INFO, service.stop ? "stopped" : "nothing to do: ended");
	free(service.job);
	jwt_config_free(service.config);
	return EX_OK;
}
