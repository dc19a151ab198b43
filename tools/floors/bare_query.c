/*
 * What one question costs with the libraries that dreamq stands on, and a ledger: a floor
 * of `make bench`.
 *
 *     bare-query URL LEDGER
 *
 * Asks for the task "one", reads the answer as JSON, counts in the ledger that it was
 * asked, prints the name. The libraries of the network start on a thread of their own
 * while the ledger is opened, as dreamq's do (net/ahead.h), and the ledger's log is left
 * for the next run, as dreamq leaves it. No cookie is looked for, nothing is judged,
 * checked, kept or shown. It measures; it is no example.
 */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct answer {
	char *bytes;
	size_t n;
};

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "bare-query: %s: %s\n", what, why);
	exit(1);
}

static void *start_libraries(void *arg)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		die("curl", "can't start");
	return arg;
}

static sqlite3 *open_ledger(const char *path)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db,
		"PRAGMA synchronous=NORMAL; PRAGMA journal_mode=WAL;"
		"CREATE TABLE IF NOT EXISTS task(id TEXT PRIMARY KEY, asked INT);"
		"SELECT * FROM task WHERE id='one'",
		NULL, NULL, NULL) != SQLITE_OK)
		die(path, sqlite3_errmsg(db));
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return db;
}

static size_t take_bytes(char *bytes, size_t size, size_t n, void *arg)
{
	struct answer *answer = (struct answer *)arg;
	char *room = (char *)realloc(answer->bytes, answer->n + n + 1);

	(void)size;
	if (!room)
		return 0;
	memcpy(room + answer->n, bytes, n);
	answer->bytes = room;
	answer->n += n;
	room[answer->n] = '\0';
	return n;
}

static void ask(const char *url, struct answer *answer)
{
	CURL *easy = curl_easy_init();
	struct curl_slist *head =
	    curl_slist_append(NULL, "Content-Type: application/json");

	head = curl_slist_append(head, "Cookie: sessionid=bench");
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, head);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "{\"submit_ids\":[\"one\"]}");
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	CURLcode code = curl_easy_perform(easy);
	if (code != CURLE_OK)
		die(url, curl_easy_strerror(code));
	curl_slist_free_all(head);
	curl_easy_cleanup(easy);
}

int main(int argc, char **argv)
{
	struct answer answer = { NULL, 0 };
	pthread_t starter;

	if (argc != 3)
		die("usage", "bare-query URL LEDGER");
	if (pthread_create(&starter, NULL, start_libraries, NULL) != 0)
		die("a thread", "can't be begun");
	sqlite3 *db = open_ledger(argv[2]);
	pthread_join(starter, NULL);
	ask(argv[1], &answer);
	cJSON *json = cJSON_Parse(answer.bytes);
	const cJSON *task = cJSON_GetObjectItem(cJSON_GetObjectItem(json, "data"), "one");
	if (!task)
		die(argv[1], "the answer has no task \"one\"");
	if (sqlite3_exec(db,
		"INSERT INTO task VALUES('one', 1) ON CONFLICT(id) DO UPDATE SET "
		"asked=asked+1",
		NULL, NULL, NULL) != SQLITE_OK)
		die(argv[2], sqlite3_errmsg(db));
	puts(task->string);
	cJSON_Delete(json);
	free(answer.bytes);
	sqlite3_close(db);
	curl_global_cleanup();
	return 0;
}
