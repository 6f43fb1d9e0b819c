/*
 * seeds VECTORS FOLDER: makes the fuzzers' seeds of the published vectors.
 * In any JSON file, whatever its form: tokens, PEM texts, keys and key sets;
 * and the texts of JSONTestSuite as they are.
 */
#include <ftw.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEED_MAX 16384 /* bytes; a longer one makes every run slower */

static const char *folder;
static size_t written;

/* Named by their own hash (FNV-1a), so that each is there once. */
static void
put(const char *fuzzer, const char *bytes, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	char path[4096];
	FILE *file;
	size_t i;

	if (len == 0 || len > SEED_MAX)
		return;
	for (i = 0; i < len; i++)
		hash =
		    (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
	snprintf(path, sizeof(path), "%s/%s", folder, fuzzer);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%016" PRIx64, folder, fuzzer, hash);
	if ((file = fopen(path, "we")) == NULL ||
	    fwrite(bytes, 1, len, file) != len || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
	written++;
}

static void
put_string(const char *text)
{
	const char *dot = strchr(text, '.');
	size_t len = strlen(text);

	if (strncmp(text, "ey", 2) == 0 && dot != NULL &&
	    strchr(dot + 1, '.') != NULL) {
		put("header", text, len);
		put("token", text, len);
		put("base64url", text, (size_t)(dot - text));
	} else if (strncmp(text, "-----BEGIN ", 11) == 0) {
		put("keys", text, len);
	}
}

static void
walk(struct json_object *value)
{
	const char *text;
	size_t i;

	if (json_object_is_type(value, json_type_string))
		put_string(json_object_get_string(value));
	if (json_object_is_type(value, json_type_array))
		for (i = 0; i < json_object_array_length(value); i++)
			walk(json_object_array_get_idx(value, i));
	if (!json_object_is_type(value, json_type_object))
		return;
	if (json_object_object_get_ex(value, "kty", NULL) ||
	    json_object_object_get_ex(value, "keys", NULL)) {
		text = json_object_to_json_string_ext(value,
		    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
		put("keys", text, strlen(text));
	}
	json_object_object_foreach(value, name, member)
	{
		(void)name;
		walk(member);
	}
}

static void
copy(const char *fuzzer, const char *path)
{
	static char bytes[SEED_MAX + 1];
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return;
	put(fuzzer, bytes, fread(bytes, 1, sizeof(bytes), file));
	fclose(file);
}

static bool
ends_in(const char *path, const char *end)
{
	size_t len = strlen(path);

	return len > strlen(end) && strcmp(path + len - strlen(end), end) == 0;
}

static int
take_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct json_object *root;

	(void)st;
	(void)ftw;
	if (type != FTW_F)
		return 0;
	if (strstr(path, "/JSONTestSuite/") != NULL) {
		if (ends_in(path, ".json"))
			copy("json", path);
	} else if (ends_in(path, ".pem")) {
		copy("keys", path);
	} else if ((root = json_object_from_file(path)) != NULL) {
		walk(root);
		json_object_put(root);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: %s VECTORS FOLDER\n", argv[0]);
		return 2;
	}
	folder = argv[2];
	if (nftw(argv[1], take_file, 16, FTW_PHYS) != 0) {
		perror(argv[1]);
		return 1;
	}
	printf("seeds of the published vectors: %zu\n", written);
	return written == 0;
}
