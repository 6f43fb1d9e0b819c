#include "fetched_line.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void
jwt_scan_text(struct jwt_scan *scan, const char *text)
{
	size_t len = strlen(text);

	scan->ok = scan->ok && (size_t)(scan->end - scan->at) >= len &&
	           memcmp(scan->at, text, len) == 0;
	if (scan->ok)
		scan->at += len;
}

uint64_t
jwt_scan_number(struct jwt_scan *scan, size_t digits)
{
	uint64_t number = 0;
	size_t i;

	scan->ok = scan->ok && (size_t)(scan->end - scan->at) >= digits;
	for (i = 0; scan->ok && i < digits; i++) {
		scan->ok = scan->at[i] >= '0' && scan->at[i] <= '9';
		number = number * 10 + (uint64_t)(scan->at[i] - '0');
	}
	if (scan->ok)
		scan->at += digits;
	return number;
}

struct jwt_place
jwt_scan_place(struct jwt_scan *scan)
{
	struct jwt_place place;

	jwt_scan_text(scan, " at=");
	place.at = jwt_scan_number(scan, 8);
	jwt_scan_text(scan, "+");
	place.len = jwt_scan_number(scan, 8);
	return place;
}

bool
jwt_scan_end(struct jwt_scan *scan)
{
	while (scan->ok && scan->at < scan->end && *scan->at == ' ')
		scan->at++;
	jwt_scan_text(scan, "\n");
	return scan->ok && scan->at == scan->end;
}

enum jwt_reason
jwt_fetched_damaged(const struct jwt_fetched *fetched, struct jwt_fault *fault)
{
	jwt_fault_set(fault,
	    "%s: is damaged; pam-jwtd writes it anew: jwtctl fetch",
	    fetched->path);
	return JWT_KEYS_UNAVAILABLE;
}

enum jwt_reason
jwt_fetched_read(const struct jwt_fetched *fetched, size_t at, char *bytes,
    size_t len, struct jwt_fault *fault)
{
	ssize_t n;

	while (len > 0) {
		n = pread(fetched->fd, bytes, len, (off_t)at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			jwt_fault_set(fault, "%s: cannot be read: %s",
			    fetched->path, strerrordesc_np(errno));
			return JWT_KEYS_UNAVAILABLE;
		}
		if (n == 0)
			return jwt_fetched_damaged(fetched, fault);
		bytes += n;
		at += (size_t)n;
		len -= (size_t)n;
	}
	return JWT_OK;
}

enum jwt_reason
jwt_fetched_read_line(const struct jwt_fetched *fetched, size_t number,
    char line[JWT_FETCHED_LINE], struct jwt_scan *scan, struct jwt_fault *fault)
{
	*scan = (struct jwt_scan){line, line + JWT_FETCHED_LINE, true};
	return jwt_fetched_read(fetched,
	    JWT_FETCHED_HEADER + number * JWT_FETCHED_LINE, line,
	    JWT_FETCHED_LINE, fault);
}

enum jwt_reason
jwt_fetched_read_entry(const struct jwt_fetched *fetched, size_t place,
    struct jwt_fetched_entry *entry, struct jwt_fault *fault)
{
	char line[JWT_FETCHED_LINE];
	enum jwt_reason result;
	struct jwt_scan scan;

	result = jwt_fetched_read_line(fetched,
	    fetched->fits + fetched->kinds + place, line, &scan, fault);
	if (result != JWT_OK)
		return result;
	memcpy(entry->digest, line, sizeof(entry->digest));
	scan.at += sizeof(entry->digest);
	entry->place = jwt_scan_place(&scan);
	jwt_scan_text(&scan, " left=");
	entry->left = (int64_t)jwt_scan_number(&scan, 12);
	return jwt_scan_end(&scan) ? JWT_OK
	                           : jwt_fetched_damaged(fetched, fault);
}
