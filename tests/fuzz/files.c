#include "files.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define FILES_MAX 4

static struct {
	struct {
		const char *path;
		struct jwt_slice bytes;
	} at[FILES_MAX];
	size_t count;
} files;

enum jwt_reason __wrap_jwt_file_read(const char *path, size_t max,
    struct jwt_file *file, struct jwt_fault *fault);

void
files_clear(void)
{
	files.count = 0;
}

void
files_add(const char *path, struct jwt_slice bytes)
{
	check(files.count < FILES_MAX, "too many files");
	files.at[files.count].path = path;
	files.at[files.count++].bytes = bytes;
}

enum jwt_reason
__wrap_jwt_file_read(const char *path, size_t max, struct jwt_file *file,
    struct jwt_fault *fault)
{
	struct jwt_slice bytes;
	size_t i;

	*file = (struct jwt_file){0};
	for (i = 0; i < files.count; i++)
		if (strcmp(files.at[i].path, path) == 0)
			break;
	if (i == files.count || files.at[i].bytes.len > max) {
		jwt_fault_set(fault, "%s: there is no such file", path);
		return JWT_CONFIG_ERROR;
	}
	bytes = files.at[i].bytes;
	if ((file->bytes = malloc(bytes.len + 1)) == NULL)
		return JWT_NO_MEMORY;
	if (bytes.len > 0)
		memcpy(file->bytes, bytes.at, bytes.len);
	file->bytes[bytes.len] = '\0';
	file->len = bytes.len;
	file->mode = 0600;
	return JWT_OK;
}
