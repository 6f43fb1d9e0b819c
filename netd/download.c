#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netd/netd.h"

#define CONNECT_SECONDS 5L
#define WHOLE_SECONDS 15L

/* One request; curl carries it as its private pointer. */
struct netd_download {
	CURL *easy;
	struct curl_slist *headers;
	struct netd_answer answer;
	size_t max;
	bool too_long, no_memory;
	bool sent_etag;
	char *url;
	char error[CURL_ERROR_SIZE];
	netd_done *done;
	void *data;
};

static void
release(struct netd_download *download)
{
	curl_easy_cleanup(download->easy);
	curl_slist_free_all(download->headers);
	free(download->answer.bytes);
	free(download->answer.etag);
	free(download->answer.redirect);
	free(download->url);
	free(download);
}

/*
 * What comes.
 */

static size_t
take_bytes(char *bytes, size_t size, size_t count, void *data)
{
	struct netd_download *download = data;
	struct netd_answer *answer = &download->answer;
	size_t len = size * count;
	char *grown;

	if (len > download->max - answer->len) {
		download->too_long = true;
		return 0;
	}
	if ((grown = realloc(answer->bytes, answer->len + len + 1)) == NULL) {
		download->no_memory = true;
		return 0;
	}
	answer->bytes = grown;
	memcpy(grown + answer->len, bytes, len);
	answer->len += len;
	grown[answer->len] = '\0';
	return len;
}

static size_t
take_header(char *line, size_t size, size_t count, void *data)
{
	struct netd_download *download = data;

	netd_answer_header(&download->answer, line, size * count);
	return size * count;
}

/*
 * Asking.
 */

static bool
add_header(struct netd_download *download, const char *line)
{
	struct curl_slist *longer;

	longer = curl_slist_append(download->headers, line);
	if (longer != NULL)
		download->headers = longer;
	return longer != NULL;
}

static bool
add_headers(struct netd_download *download, const char *etag)
{
	char line[NETD_ETAG_MAX + 32];

	if (!add_header(
		download, "Accept: application/jwk-set+json, application/json"))
		return false;
	if (etag == NULL || !netd_is_etag(etag))
		return true;
	download->sent_etag = true;
	snprintf(line, sizeof(line), "If-None-Match: %s", etag);
	return add_header(download, line);
}

/*
 * The certificate is checked, the environment is not heeded, nothing is
 * followed, no password is looked for, and nothing is unpacked.
 */
static bool
set_options(struct netd_download *download, const struct jwt_provider *provider,
    const char *ca)
{
	bool plain = strncmp(download->url, "http:", 5) == 0;
	struct curl_blob blob;
	CURL *easy = download->easy;
	CURLcode code = CURLE_OK;

#define SET(option, value)                                            \
	do {                                                          \
		if (code == CURLE_OK)                                 \
			code = curl_easy_setopt(easy, option, value); \
	} while (0)
	SET(CURLOPT_URL, download->url);
	SET(CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	SET(CURLOPT_TIMEOUT, WHOLE_SECONDS);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_PROXY, provider->proxy != NULL ? provider->proxy : "");
	SET(CURLOPT_NOPROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_USERAGENT, "pam_jwt");
	SET(CURLOPT_HTTPHEADER, download->headers);
	SET(CURLOPT_ERRORBUFFER, download->error);
	SET(CURLOPT_WRITEFUNCTION, take_bytes);
	SET(CURLOPT_WRITEDATA, download);
	SET(CURLOPT_HEADERFUNCTION, take_header);
	SET(CURLOPT_HEADERDATA, download);
	SET(CURLOPT_PRIVATE, download);
	if (ca != NULL) {
		blob = (struct curl_blob){.data = (void *)(uintptr_t)ca,
		    .len = strlen(ca),
		    .flags = CURL_BLOB_COPY};
		SET(CURLOPT_CAINFO_BLOB, &blob);
		SET(CURLOPT_CAPATH, NULL);
	}
#undef SET
	return code == CURLE_OK;
}

bool
netd_download(CURLM *multi, const char *url,
    const struct jwt_provider *provider, const char *ca, const char *etag,
    netd_done *done, void *data)
{
	struct netd_download *download;

	if ((download = calloc(1, sizeof(*download))) == NULL)
		return false;
	download->answer.max_age = download->answer.retry = JWT_UNSET;
	download->max = (size_t)provider->max_bytes;
	download->done = done;
	download->data = data;
	download->url = strdup(url);
	download->easy = curl_easy_init();
	if (download->url != NULL && download->easy != NULL &&
	    add_headers(download, etag) &&
	    set_options(download, provider, ca) &&
	    curl_multi_add_handle(multi, download->easy) == CURLM_OK)
		return true;
	release(download);
	return false;
}

/*
 * The end.
 */

/* What went wrong before there was an answer. */
static void
say_failure(const struct netd_download *download, CURLcode code,
    struct jwt_fault *fault)
{
	char words[CURL_ERROR_SIZE];

	if (download->too_long)
		jwt_fault_set(fault,
		    "%.200s: its answer has more than %zu bytes "
		    "(max_bytes)",
		    download->url, download->max);
	else if (download->no_memory || code == CURLE_OUT_OF_MEMORY)
		jwt_fault_set(fault, "no memory");
	else {
		/* A certificate's name, of whoever answers, may be in it. */
		jwt_quote(words, sizeof(words),
		    jwt_slice_of(download->error[0] != '\0'
				     ? download->error
				     : curl_easy_strerror(code)));
		jwt_fault_set(
		    fault, "%.200s: cannot be asked: %s", download->url, words);
	}
}

/* 304 says nothing where nothing was asked about. */
static bool
is_good(const struct netd_download *download, long status)
{
	return status == 200 || (status == 304 && download->sent_etag);
}

static void
say_status(const struct netd_download *download, struct jwt_fault *fault)
{
	jwt_fault_set(fault, "%.200s: answered HTTP %ld, wanted 200",
	    download->url, download->answer.status);
}

static void
finish(CURLM *multi, struct netd_download *download, CURLcode code)
{
	struct netd_answer *answer = &download->answer;
	struct jwt_fault fault = {""};
	char *redirect = NULL;

	curl_easy_getinfo(
	    download->easy, CURLINFO_RESPONSE_CODE, &answer->status);
	curl_easy_getinfo(
	    download->easy, CURLINFO_TOTAL_TIME, &answer->seconds);
	curl_easy_getinfo(download->easy, CURLINFO_REDIRECT_URL, &redirect);
	if (redirect != NULL)
		answer->redirect = strdup(redirect);
	curl_multi_remove_handle(multi, download->easy);
	if (code != CURLE_OK) {
		say_failure(download, code, &fault);
		answer->status = 0;
	} else if (answer->redirect == NULL &&
		   !is_good(download, answer->status)) {
		say_status(download, &fault);
	}
	download->done(download->data, answer, &fault);
	release(download);
}

void
netd_downloads_go_on(CURLM *multi)
{
	struct netd_download *download;
	struct CURLMsg *message;
	int left, running;

	curl_multi_perform(multi, &running);
	while ((message = curl_multi_info_read(multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(
		    message->easy_handle, CURLINFO_PRIVATE, &download);
		finish(multi, download, message->data.result);
	}
}
