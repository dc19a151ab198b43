#include "core/download/variant_note.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { PREFIX_MAX = 32 };

static const char word[] = "variant=";

/* FNV-1a: names are told apart, not protected. "" for the variant of the record. */
static void make_prefix(const char *object, char prefix[PREFIX_MAX])
{
	uint64_t hash = UINT64_C(14695981039346656037);

	prefix[0] = '\0';
	if (!object)
		return;
	for (const char *c = object; *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
	(void)snprintf(prefix, PREFIX_MAX, "%s%016" PRIx64 " ", word, hash);
}

char *variant_note(const char *object, const char *validator)
{
	char prefix[PREFIX_MAX], *note = NULL;

	make_prefix(object, prefix);
	if (!validator || asprintf(&note, "%s%s", prefix, validator) < 0)
		return NULL;
	return note;
}

bool variant_is_other(const char *note, const char *object)
{
	char prefix[PREFIX_MAX];

	make_prefix(object, prefix);
	if (!note)
		return false;
	if (!object)
		return !strncmp(note, word, sizeof(word) - 1);
	return strncmp(note, prefix, strlen(prefix)) != 0;
}

const char *variant_validator(const char *note, const char *object)
{
	char prefix[PREFIX_MAX];

	if (!note || variant_is_other(note, object))
		return NULL;
	make_prefix(object, prefix);
	return note + strlen(prefix);
}
