#include "links.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static const cJSON *get(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const cJSON *link_of(const cJSON *item)
{
	const cJSON *video = get(item, "video");

	return video ? get(get(get(video, "transcoded_video"), "origin"), "video_url")
		     : get(cJSON_GetArrayItem(get(get(item, "image"), "large_images"), 0),
			   "image_url");
}

/* With cJSON alone: every value becomes a node, of which few are asked for. */
static void read_answer(const struct answer *answer, struct files *files)
{
	cJSON *json = cJSON_ParseWithLength(answer->bytes, answer->n);
	const cJSON *task, *item;

	cJSON_ArrayForEach(task, get(json, "data")) {
		int index = 0;
		cJSON_ArrayForEach(item, get(task, "item_list")) {
			struct file *file = new_file(files);
			const char *link = cJSON_GetStringValue(link_of(item));
			if (!link)
				die(task->string, "has no link");
			(void)snprintf(file->link, sizeof file->link, "%s", link);
			(void)snprintf(file->name, sizeof file->name, "%s_%d",
			    task->string, index++);
			files->n++;
		}
	}
	cJSON_Delete(json);
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
static void skim_answer(const struct answer *answer, struct files *files)
{
	static const char film[] = "\"video_url\":\"", picture[] = "\"image_url\":\"";
	const char *at = answer->bytes, *end = at + answer->n;
	const char *name = memmem(at, answer->n, film, strlen(film)) ? film : picture;

	while ((at = (const char *)memmem(at, (size_t)(end - at), name, strlen(name)))) {
		struct file *file = new_file(files);
		at = unescape(at + strlen(name), end, file->link, sizeof file->link);
		(void)snprintf(file->name, sizeof file->name, "%zu", files->n++);
	}
}

static void ask(CURL *easy, const char *body, bool is_read, struct files *files)
{
	struct answer answer = { NULL, 0, 0 };

	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
	CURLcode code = curl_easy_perform(easy);
	if (code != CURLE_OK)
		die("a question", curl_easy_strerror(code));
	if (is_read)
		read_answer(&answer, files);
	else
		skim_answer(&answer, files);
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
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, head);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
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
