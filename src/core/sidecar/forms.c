#include "core/sidecar/forms.h"

#include <stdio.h>
#include <string.h>

#include "core/sidecar/texts.h"
#include "dreamq/dreamq.h"

static char *mark_json(const char *submit_id)
{
	return strdup(submit_id);
}

const struct sidecar_form sidecar_forms[SIDECAR_FORMS] = {
	{ DQ_SIDECAR_JSON, ".json", true, sidecar_text_json, mark_json },
	{ DQ_SIDECAR_TXT, ".txt", false, sidecar_text_parameters,
	    sidecar_mark_parameters },
	{ DQ_SIDECAR_XMP, ".xmp", false, sidecar_text_xmp, sidecar_mark_xmp },
};

char *sidecar_path(const struct sidecar_form *form, const char *file)
{
	char *path = NULL;

	return asprintf(&path, "%s%s", file, form->ending) < 0 ? NULL : path;
}

bool sidecar_is_beside(const char *path, size_t *ret_len)
{
	const size_t len = strlen(path);

	for (size_t i = 0; i < SIDECAR_FORMS; i++) {
		const char *ending = sidecar_forms[i].ending;
		const size_t n = strlen(ending);

		if (len > n && strcmp(path + len - n, ending) == 0) {
			*ret_len = len - n;
			return true;
		}
	}
	return false;
}
