/*
 * A main for fuzz targets without libFuzzer: gives the target every file named, and
 * every file of a folder named, so that any compiler and any debugger can replay.
 *
 *     replay_<name> FILE|FOLDER...
 *
 * The empty input comes first, always. A folder that isn't there is an empty corpus.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int give_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat about;
	uint8_t *bytes;
	size_t size;

	if (!file || fstat(fileno(file), &about) < 0) {
		perror(path);
		if (file)
			(void)fclose(file);
		return 1;
	}
	/* Exactly as long as the file: reading past its end must be seen. */
	bytes = malloc(about.st_size > 0 ? (size_t)about.st_size : 1);
	size = bytes ? fread(bytes, 1, (size_t)about.st_size, file) : 0;
	(void)fclose(file);
	if (bytes)
		(void)LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	return bytes ? 0 : 1;
}

static int give_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	char name[4096];
	int bad = 0;

	if (!folder)
		return errno == ENOENT ? 0 : give_file(path);
	/* One thread, one folder. */
	while ((entry = readdir(folder))) { // NOLINT(concurrency-mt-unsafe): as said
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) <
		    (int)sizeof(name))
			bad |= give_file(name);
	}
	(void)closedir(folder);
	return bad;
}

int main(int argc, char **argv)
{
	static const uint8_t nothing[1] = { 0 };
	int bad = 0;

	(void)LLVMFuzzerTestOneInput(nothing, 0);
	for (int i = 1; i < argc; i++)
		bad |= give_folder(argv[i]);
	return bad;
}
