/*
 * links.h - which files bare-promise fetches: it is given their links, or asks for them.
 */
#pragma once

#include <curl/curl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

enum { NAME_BYTES = 128, SUM_BYTES = 32 };

struct file {
	char link[1024];
	char name[NAME_BYTES];
	char partial[NAME_BYTES + 8];
	int fd;
	EVP_MD_CTX *hash;
	unsigned char sum[SUM_BYTES];
	curl_off_t bytes;
	struct file *next;
};

_Noreturn void die(const char *what, const char *why);

/* A line for each file: its link, a blank, its name. Returns *n files, malloc'ed. */
struct file *links_read(const char *path, size_t *n);
/*
 * A line for each task: its id. `url` says what their files are; the same. Its answers
 * are read as JSON, or only looked through for what stands where links do.
 */
struct file *links_ask(const char *path, const char *url, bool is_read, size_t *n);
