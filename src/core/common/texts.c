#include "core/common/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

bool texts_add(struct texts *texts, char *text)
{
	if (!text || !ARRAY_RESERVE(texts->all, texts->room, texts->n + 1)) {
		free(text);
		return false;
	}
	texts->all[texts->n++] = text;
	return true;
}

void texts_release(struct texts *texts)
{
	for (size_t i = 0; i < texts->n; i++)
		free(texts->all[i]);
	free(texts->all);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void texts_sort(struct texts *texts)
{
	size_t n = 0;

	if (texts->n == 0)
		return;
	qsort(texts->all, texts->n, sizeof(*texts->all), by_text);
	for (size_t i = 1; i < texts->n; i++) {
		if (strcmp(texts->all[n], texts->all[i]) != 0)
			texts->all[++n] = texts->all[i];
		else
			free(texts->all[i]);
	}
	texts->n = n + 1;
}

bool texts_have(const struct texts *texts, const char *text)
{
	return texts->n > 0 &&
	    bsearch(&text, texts->all, texts->n, sizeof(*texts->all), by_text) != NULL;
}
