#include "cli/term/i18n.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#if __has_include("cli/localedir.h") /* made by the build */
#include "cli/localedir.h"
#else
#define DREAMQ_LOCALEDIR "/usr/local/share/locale"
#endif

static const char *wanted_language(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			return value;
	}
	return "C";
}

static bool is_english(const char *language)
{
	return !strcmp(language, "C") || !strcmp(language, "POSIX") ||
	    !strncmp(language, "en", 2);
}

/* Returns "<folder of the program>/po", when it has a catalogue; malloc'ed. */
static char *folder_beside_program(void)
{
	_cleanup_free_ char *own = fs_own_folder();
	_cleanup_free_ char *folder = own ? fs_join(own, "po") : NULL;
	_cleanup_free_ char *probe =
	    folder ? fs_join(folder, "zh_CN/LC_MESSAGES/dreamq.mo") : NULL;

	return probe && access(probe, R_OK) == 0 ? TAKE_PTR(folder) : NULL;
}

/*
 * A container often names a language whose locale was never generated. The
 * catalogue does not need it: C.UTF-8 with LANGUAGE does the same.
 */
static void set_language(const char *language)
{
	const char *chosen = getenv("LANGUAGE");
	_cleanup_free_ char *bare = NULL;

	if (setlocale(LC_MESSAGES, "") && setlocale(LC_CTYPE, ""))
		return;
	if (!setlocale(LC_CTYPE, "C.UTF-8") || !setlocale(LC_MESSAGES, "C.UTF-8"))
		return;
	bare = strndup(language, strcspn(language, ".@"));
	if (bare)
		(void)setenv("LANGUAGE", bare, !chosen || !*chosen);
}

void i18n_start(void)
{
	const char *language = wanted_language();
	const char *told = getenv("DREAMQ_LOCALEDIR");
	_cleanup_free_ char *beside = NULL;

	set_language(language);
	if (is_english(language) && !getenv("LANGUAGE"))
		return;
	if (!told || !*told)
		beside = folder_beside_program();
	(void)bindtextdomain(
	    "dreamq", told && *told ? told : (beside ? beside : DREAMQ_LOCALEDIR));
	(void)bind_textdomain_codeset("dreamq", "UTF-8");
	(void)textdomain("dreamq");
}
