/*
 * The committed inputs of a fuzzer, each run once, without clang: what made
 * it crash before must not do so again.  Speaks TAP; an input that ends the
 * process is the one named last.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
/* libFuzzer's own, for the fuzzers that mutate; none is mutated here. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t len, size_t max);

size_t
/* NOLINTNEXTLINE(readability-non-const-parameter): as libFuzzer has it */
LLVMFuzzerMutate(uint8_t *bytes, size_t len, size_t max)
{
	(void)bytes;
	(void)max;
	return len;
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Memory as long as the input, so that reading past it is found. */
static uint8_t *
read_input(const char *folder, const char *name, size_t *len)
{
	char path[4096];
	uint8_t *bytes;
	long size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if ((file = fopen(path, "rbe")) == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET) != 0 ||
	    (bytes = malloc(size == 0 ? 1 : (size_t)size)) == NULL) {
		fclose(file);
		return NULL;
	}
	*len = fread(bytes, 1, (size_t)size, file);
	fclose(file);
	return bytes;
}

int
main(int argc, char **argv)
{
	struct dirent **entry = NULL;
	uint8_t *bytes;
	int count, i, failed = 0;
	size_t len;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	count = scandir(argv[1], &entry, is_visible, alphasort);
	if (count <= 0) {
		printf("1..1\nnot ok 1 - %s has no inputs\n", argv[1]);
		return 1;
	}
	printf("1..%d\n", count);
	if (LLVMFuzzerInitialize != NULL)
		LLVMFuzzerInitialize(&argc, &argv);
	for (i = 0; i < count; i++) {
		printf("# %s\n", entry[i]->d_name);
		fflush(stdout);
		bytes = read_input(argv[1], entry[i]->d_name, &len);
		if (bytes != NULL)
			LLVMFuzzerTestOneInput(bytes, len);
		failed += bytes == NULL;
		printf("%s %d - %s\n", bytes == NULL ? "not ok" : "ok", i + 1,
		    entry[i]->d_name);
		free(bytes);
		free(entry[i]);
	}
	free(entry);
	return failed > 0;
}
