/* The config file: whatever stands in it, there are entries or a sentence with a line. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/options/config.h"
#include "cli/options/config_edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check(const struct config *config)
{
	unsigned line = 0;

	for (size_t i = 0; i < config->n_entries; i++) {
		const struct config_entry *entry = &config->entries[i];

		must(entry->line > line);
		line = entry->line;
		must(entry->key && entry->value && !strchr(entry->value, '\n'));
		must((entry->section == CONFIG_PROFILE) == (entry->profile != NULL));
		must(!strcasestr(entry->value, "sessionid="));
	}
}

/* A key that is written into a good file is read again, once, and everything else stays.
 */
static void check_edit(const char *text, size_t n_before)
{
	_cleanup_(config_release) struct config config = { 0 };
	size_t n_found = 0;
	bool was_there = false;
	struct key key;
	struct err err;
	char *made;

	must(!key_read("jobs", "fuzz", &key, &err));
	made = config_edit(text, &key, "4", &was_there);
	if (!made)
		return;
	must(!config_parse(made, strlen(made), "fuzz", &config, &err));
	for (size_t i = 0; i < config.n_entries; i++)
		if (config.entries[i].section == CONFIG_DEFAULT &&
		    !strcmp(config.entries[i].key, "jobs")) {
			must(!strcmp(config.entries[i].value, "4"));
			n_found++;
		}
	must(n_found == 1 && config.n_entries == n_before + !was_there);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *copy = strndup((const char *)data, size);
	_cleanup_(config_release) struct config config = { 0 };
	char *text = malloc(size + 1);
	struct err err = { 0 };

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!config_parse(text, size, "fuzz", &config, &err)) {
		check(&config);
		if (copy)
			check_edit(copy, config.n_entries);
	} else
		must(err.msg[0] != '\0');
	return 0;
}
