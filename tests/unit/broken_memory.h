/*
 * An allocator that fails on demand, for the whole program that includes
 * this, and counts the blocks that anybody but libcrypto did not give back:
 * libcrypto loses some of its own when it has no memory for the next.
 * Under a sanitizer, which has its own, there is nothing to test.
 */
#ifndef BROKEN_MEMORY_H
#define BROKEN_MEMORY_H

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OTHER_ALLOCATOR
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
#define OTHER_ALLOCATOR
#endif

/* Allocations that still succeed before one fails; below 0 none does. */
static long left = -1;
/* All that follow fail, too; and how many were not given back. */
static __attribute__((unused)) bool for_good;
static __attribute__((unused)) long blocks;

#ifndef OTHER_ALLOCATOR
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *bytes, size_t size);
void __libc_free(void *bytes);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static bool
fails(void)
{
	if (left < 0 || left > 0) {
		left -= left > 0;
		return false;
	}
	if (!for_good)
		left = -1;
	errno = ENOMEM;
	return true;
}

/* The last bytes of a block say whether it is counted. */
static const uint64_t is_ours = UINT64_C(0x6a77745f6f757273);

static uintptr_t crypto_begin, crypto_end; /* the code of libcrypto */

static int
note_crypto(struct dl_phdr_info *info, size_t size, void *data)
{
	int i;

	(void)size;
	(void)data;
	if (strstr(info->dlpi_name, "libcrypto") == NULL)
		return 0;
	for (i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type != PT_LOAD ||
		    (info->dlpi_phdr[i].p_flags & PF_X) == 0)
			continue;
		crypto_begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		crypto_end = crypto_begin + info->dlpi_phdr[i].p_memsz;
	}
	return 0;
}

__attribute__((constructor)) static void
find_crypto(void)
{
	dl_iterate_phdr(note_crypto, NULL);
}

static void *
tag_of(void *bytes)
{
	return (char *)bytes + malloc_usable_size(bytes) - sizeof(is_ours);
}

static void
set_tag(void *bytes, bool ours)
{
	uint64_t tag = ours ? is_ours : 0;

	memcpy(tag_of(bytes), &tag, sizeof(tag));
}

static bool
has_tag(void *bytes)
{
	return memcmp(tag_of(bytes), &is_ours, sizeof(is_ours)) == 0;
}

static void *
counted(void *bytes, const void *caller)
{
	uintptr_t at = (uintptr_t)caller;
	bool ours = at < crypto_begin || at >= crypto_end;

	if (bytes != NULL) {
		blocks += ours;
		set_tag(bytes, ours);
	}
	return bytes;
}

void *
malloc(size_t size)
{
	if (fails() || size > SIZE_MAX / 2)
		return NULL;
	return counted(
	    __libc_malloc(size + sizeof(is_ours)), __builtin_return_address(0));
}

void *
calloc(size_t count, size_t size)
{
	size_t all;

	if (fails() || __builtin_mul_overflow(count, size, &all) ||
	    all > SIZE_MAX / 2)
		return NULL;
	return counted(__libc_calloc(1, all + sizeof(is_ours)),
	    __builtin_return_address(0));
}

void *
realloc(void *bytes, size_t size)
{
	void *moved;
	bool ours;

	if (fails() || size > SIZE_MAX / 2)
		return NULL;
	if (bytes == NULL)
		return counted(__libc_malloc(size + sizeof(is_ours)),
		    __builtin_return_address(0));
	ours = has_tag(bytes);
	moved = __libc_realloc(bytes, size + sizeof(is_ours));
	if (moved != NULL)
		set_tag(moved, ours);
	return moved;
}

void
free(void *bytes)
{
	if (bytes != NULL) {
		blocks -= has_tag(bytes);
		set_tag(bytes, false);
	}
	__libc_free(bytes);
}
#endif

static void
skip_unless_allocator_is_ours(void)
{
#ifdef OTHER_ALLOCATOR
	print_message("skipped: the allocator is not ours to break\n");
	skip();
#endif
}

#endif
