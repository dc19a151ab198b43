#include "links.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/gunzip.h"
#include "base/json_tape.h"
#include "base/json_unescape.h"

enum { AT_ONCE = 50 }; /* tasks of one question, as dreamq asks */

struct files {
	struct file *all;
	size_t n, room;
};

struct answer {
	char *bytes;
	size_t n, room;
};

static struct file *new_file(struct files *files)
{
	if (files->n == files->room) {
		files->room = files->room ? 2 * files->room : 1024;
		files->all =
		    (struct file *)realloc(files->all, files->room * sizeof *files->all);
		if (!files->all)
			die("files", "out of memory");
	}
	memset(&files->all[files->n], 0, sizeof *files->all);
	return &files->all[files->n];
}

struct file *links_read(const char *path, size_t *n)
{
	FILE *list = fopen(path, "r");
	struct files files = { NULL, 0, 0 };

	if (!list)
		die(path, "can't be opened");
	for (;; files.n++) {
		struct file *file = new_file(&files);
		if (fscanf(list, "%1023s %127s", file->link, file->name) != 2)
			break;
	}
	fclose(list);
	*n = files.n;
	return files.all;
}

/* --- asking --- */

static size_t take_answer(char *bytes, size_t size, size_t n, void *arg)
{
	struct answer *answer = (struct answer *)arg;

	(void)size;
	if (answer->room - answer->n < n) {
		answer->room = 2 * (answer->room + n);
		answer->bytes = (char *)realloc(answer->bytes, answer->room);
		if (!answer->bytes)
			die("an answer", "out of memory");
	}
	memcpy(answer->bytes + answer->n, bytes, n);
	answer->n += n;
	return n;
}

/* The link's token in an item; 0: it has none. */
static size_t link_of(const struct json_tape *tape, size_t item)
{
	const size_t film =
	    json_tape_find(tape, item, "video.transcoded_video.origin.video_url");
	const size_t large = film ? 0 : json_tape_find(tape, item, "image.large_images");

	return large ? json_tape_find(tape, large + 1, "image_url") : film;
}

static void copy_text(const struct json_tape *tape, size_t token, char *into, size_t room)
{
	const struct json_token *text = &tape->tokens[token];

	if (text->len > room)
		die("a text", "is too long");
	into[json_unescape_into(tape->bytes + text->at + 1, text->len - 2, into)] = '\0';
}

static void read_items(
    const struct json_tape *tape, size_t key, size_t items, struct files *files)
{
	const struct json_token *tokens = tape->tokens;
	int index = 0;

	for (size_t item = items + 1; item < tokens[items].next;
	     item = tokens[item].next) {
		struct file *file = new_file(files);
		const size_t link = link_of(tape, item);
		char id[65];
		if (!link)
			die("an item", "has no link");
		copy_text(tape, link, file->link, sizeof file->link);
		copy_text(tape, key, id, sizeof id);
		(void)snprintf(file->name, sizeof file->name, "%s_%d", id, index++);
		files->n++;
	}
}

/*
 * As JSON, each byte once, by what dreamq reads it with: with cJSON, which makes a node
 * of every value, it takes four times as long.
 */
static void read_answer(const char *bytes, size_t len, struct files *files)
{
	struct json_tape tape = { .tokens = NULL };
	struct err err;

	if (json_scan_tape(bytes, len, SIZE_MAX, &tape, &err) != ERR_OK)
		die("an answer", err.msg);
	const size_t data = json_tape_find(&tape, 0, "data");
	for (size_t key = data + 1; data && key < tape.tokens[data].next;
	     key = tape.tokens[key + 1].next) {
		const size_t items = json_tape_find(&tape, key + 1, "item_list");
		if (items)
			read_items(&tape, key, items, files);
	}
	json_tape_release(&tape);
}

/* The text of a JSON string as far as links need it; where it ends. */
static const char *unescape(const char *from, const char *end, char *into, size_t room)
{
	size_t n = 0;

	while (from < end && *from != '"' && n + 1 < room) {
		if (*from == '\\' && end - from >= 6 && !memcmp(from, "\\u0026", 6)) {
			into[n++] = '&';
			from += 6;
		} else if (*from == '\\') {
			from++;
		} else {
			into[n++] = *from++;
		}
	}
	into[n] = '\0';
	return from;
}

/* Whatever stands behind one name, the films' where there are any; nothing else is seen.
 */
static void skim_answer(const char *at, size_t len, struct files *files)
{
	static const char film[] = "\"video_url\":\"", picture[] = "\"image_url\":\"";
	const char *end = at + len;
	const char *name = memmem(at, len, film, strlen(film)) ? film : picture;

	while ((at = (const char *)memmem(at, (size_t)(end - at), name, strlen(name)))) {
		struct file *file = new_file(files);
		at = unescape(at + strlen(name), end, file->link, sizeof file->link);
		(void)snprintf(file->name, sizeof file->name, "%zu", files->n++);
	}
}

static void ask(CURL *easy, const char *body, bool is_read, struct files *files)
{
	struct answer answer = { NULL, 0, 0 };
	char *bytes = NULL;
	size_t len = 0;

	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
	CURLcode code = curl_easy_perform(easy);
	if (code != CURLE_OK)
		die("a question", curl_easy_strerror(code));
	if (gunzip(answer.bytes, answer.n, SIZE_MAX, &bytes, &len) != GUNZIP_OK)
		die("an answer", "is no gzip");
	if (is_read)
		read_answer(bytes, len, files);
	else
		skim_answer(bytes, len, files);
	free(bytes);
	free(answer.bytes);
}

struct file *links_ask(const char *path, const char *url, bool is_read, size_t *n)
{
	char id[65], body[AT_ONCE * (sizeof id + 3) + 32];
	FILE *list = fopen(path, "r");
	struct files files = { NULL, 0, 0 };
	CURL *easy = curl_easy_init();
	struct curl_slist *head =
	    curl_slist_append(NULL, "Content-Type: application/json");

	if (!list || !easy)
		die(path, "can't be asked for");
	head = curl_slist_append(head, "Cookie: sessionid=bench");
	head = curl_slist_append(head, "Accept-Encoding: gzip");
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, head);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	for (bool is_over = false; !is_over;) {
		int len = snprintf(body, sizeof body, "{\"submit_ids\":["), asked = 0;
		while (asked < AT_ONCE && !(is_over = fscanf(list, "%64s", id) != 1))
			len += snprintf(body + len, sizeof body - (size_t)len, "%s\"%s\"",
			    asked++ ? "," : "", id);
		(void)snprintf(body + len, sizeof body - (size_t)len, "]}");
		if (asked)
			ask(easy, body, is_read, &files);
	}
	fclose(list);
	curl_slist_free_all(head);
	curl_easy_cleanup(easy);
	*n = files.n;
	return files.all;
}
