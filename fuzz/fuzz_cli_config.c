/* The config file: whatever stands in it, there are entries or a sentence with a line. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/options/config.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(config_release) struct config config = { 0 };
	char *text = malloc(size + 1);
	struct err err = { 0 };

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!config_parse(text, size, "fuzz", &config, &err))
		check(&config);
	else
		must(err.msg[0] != '\0');
	return 0;
}
