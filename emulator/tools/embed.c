/*
 * embed.c - turns files into C arrays.
 *
 *     embed OUTPUT.c HEADER.h NAME=FILE...
 *
 * For every file the output defines `const unsigned char NAME_bytes[]`, with a
 * NUL after its last byte, and `const size_t NAME_size`.
 */
#include <stdio.h>
#include <string.h>

static int embed(FILE *out, const char *name, const char *path)
{
	FILE *in = fopen(path, "rb");
	size_t count = 0;
	int c;

	if (!in) {
		perror(path);
		return 1;
	}
	(void)fprintf(out, "const unsigned char %s_bytes[] = {", name);
	while ((c = getc(in)) != EOF)
		(void)fprintf(out, "%s%d,", count++ % 24 ? "" : "\n", c);
	(void)fprintf(out, "\n0 };\nconst size_t %s_size = %zu;\n", name, count);
	return fclose(in);
}

int main(int argc, char **argv)
{
	int failed = 0;
	FILE *out;

	if (argc < 3) {
		(void)fputs("usage: embed OUTPUT.c HEADER.h NAME=FILE...\n", stderr);
		return 2;
	}
	out = fopen(argv[1], "w");
	if (!out) {
		perror(argv[1]);
		return 2;
	}
	(void)fprintf(out, "#include \"%s\"\n", argv[2]);
	for (int i = 3; i < argc && !failed; i++) {
		char *path = strchr(argv[i], '=');

		failed = !path;
		if (path) {
			*path++ = '\0';
			failed = embed(out, argv[i], path);
		}
	}
	return fclose(out) || failed;
}
