/*
 * What the promise alone costs, with the libraries that dreamq stands on: a floor of
 * `make bench`.
 *
 *     bare-promise LIST FOLDER LEDGER [--no-sync] [--skim URL | --read URL]
 *
 * LIST has a line for each file: its link, a blank, its name; or, with a URL, a line for
 * each task: its id, and links are asked for there, 50 tasks at once, before the first is
 * followed. Answers are read as JSON, or only skimmed for what stands where links do.
 * 16 at once, over
 * connections that are used again, each file comes under another name, is hashed while it
 * comes, and gets its own name by dreamq's fourth law: the intent in the ledger, the
 * bytes on the disk, the name, the folder on the disk, the fact in the ledger; as many
 * files together as have ended meanwhile. Three statements on one row are all that the
 * ledger hears of a file.
 *
 * It does nothing else: no answer is checked, nothing of it but the links kept, no
 * container walked, no partial kept for another run, nothing renewed, owned, told or
 * tried again. Its first trouble ends it, status 1. It measures; it is no example.
 */
#include <curl/curl.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "links.h"

enum { JOBS = 16 };

static EVP_MD *sha256; /* looked up once: OpenSSL would for each file */

/* Files that have come and have no name yet: from the loop to the thread that gives them.
 */
struct ended {
	pthread_mutex_t lock;
	pthread_cond_t some;
	struct file *first;
	bool over;
	int folder;
	bool is_durable;
	sqlite3 *db;
	sqlite3_stmt *intent, *fact;
};

_Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "bare-promise: %s: %s\n", what, why);
	exit(1);
}

static void sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		die(text, sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *text)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK)
		die(text, sqlite3_errmsg(db));
	return stmt;
}

static void step(sqlite3 *db, sqlite3_stmt *stmt)
{
	if (sqlite3_step(stmt) != SQLITE_DONE)
		die(sqlite3_sql(stmt), sqlite3_errmsg(db));
	sqlite3_reset(stmt);
}

/* --- the thread that gives names --- */

static void write_intents(const struct ended *ended, const struct file *group)
{
	sql(ended->db, "BEGIN IMMEDIATE");
	for (const struct file *file = group; file; file = file->next) {
		sqlite3_bind_blob(ended->intent, 1, file->sum, SUM_BYTES, SQLITE_STATIC);
		sqlite3_bind_int64(ended->intent, 2, file->bytes);
		sqlite3_bind_text(ended->intent, 3, file->name, -1, SQLITE_STATIC);
		step(ended->db, ended->intent);
	}
	sql(ended->db, "COMMIT");
}

static void give_names(const struct ended *ended, const struct file *group)
{
	if (ended->is_durable && syncfs(ended->folder) != 0)
		die("syncfs", "failed");
	for (const struct file *file = group; file; file = file->next) {
		if (renameat2(ended->folder, file->partial, ended->folder, file->name,
			RENAME_NOREPLACE) != 0)
			die(file->name, "is taken");
		close(file->fd);
	}
	if (ended->is_durable && fsync(ended->folder) != 0)
		die("fsync", "failed");
}

static void write_facts(const struct ended *ended, const struct file *group)
{
	sql(ended->db, "BEGIN IMMEDIATE");
	for (const struct file *file = group; file; file = file->next) {
		sqlite3_bind_text(ended->fact, 1, file->name, -1, SQLITE_STATIC);
		step(ended->db, ended->fact);
	}
	sql(ended->db, "COMMIT");
}

static void *name_files(void *arg)
{
	struct ended *ended = (struct ended *)arg;

	for (;;) {
		pthread_mutex_lock(&ended->lock);
		while (!ended->first && !ended->over)
			pthread_cond_wait(&ended->some, &ended->lock);
		struct file *group = ended->first;
		ended->first = NULL;
		pthread_mutex_unlock(&ended->lock);
		if (!group)
			return NULL;
		write_intents(ended, group);
		give_names(ended, group);
		write_facts(ended, group);
	}
}

/* --- the loop --- */

static size_t take_bytes(char *bytes, size_t size, size_t n, void *arg)
{
	struct file *file = (struct file *)arg;

	(void)size;
	file->bytes += (curl_off_t)n;
	if (write(file->fd, bytes, n) != (ssize_t)n ||
	    EVP_DigestUpdate(file->hash, bytes, n) != 1)
		return 0;
	return n;
}

static void begin(CURLM *multi, CURL *easy, struct file *file, int folder)
{
	(void)snprintf(file->partial, sizeof file->partial, ".%s.part", file->name);
	file->fd =
	    openat(folder, file->partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	file->hash = EVP_MD_CTX_new();
	if (file->fd < 0 || !file->hash ||
	    EVP_DigestInit_ex(file->hash, sha256, NULL) != 1)
		die(file->partial, "can't be begun");
	curl_easy_setopt(easy, CURLOPT_URL, file->link);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, file);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, file);
	curl_multi_add_handle(multi, easy);
}

static void end(struct ended *ended, struct file *file)
{
	if (EVP_DigestFinal_ex(file->hash, file->sum, NULL) != 1)
		die(file->name, "can't be hashed");
	EVP_MD_CTX_free(file->hash);
	pthread_mutex_lock(&ended->lock);
	file->next = ended->first;
	ended->first = file;
	pthread_cond_signal(&ended->some);
	pthread_mutex_unlock(&ended->lock);
}

static CURL *new_easy(const char *ca_file)
{
	CURL *easy = curl_easy_init();

	if (!easy)
		die("curl", "out of memory");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 256L * 1024);
	if (ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
	return easy;
}

static void receive(struct file *files, size_t n, struct ended *ended)
{
	CURLM *multi = curl_multi_init();
	size_t begun = 0, n_ended = 0;

	if (!multi)
		die("curl", "out of memory");
	curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	for (; begun < n && begun < JOBS; begun++)
		begin(multi, new_easy(getenv("DREAMQ_CA_FILE")), &files[begun],
		    ended->folder);
	while (n_ended < n) {
		int running, left;
		CURLMsg *msg;
		curl_multi_perform(multi, &running);
		while ((msg = curl_multi_info_read(multi, &left))) {
			CURL *easy = msg->easy_handle;
			struct file *file;
			if (msg->data.result != CURLE_OK)
				die("a transfer", curl_easy_strerror(msg->data.result));
			curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&file);
			curl_multi_remove_handle(multi, easy);
			end(ended, file);
			n_ended++;
			if (begun < n)
				begin(multi, easy, &files[begun++], ended->folder);
			else
				curl_easy_cleanup(easy);
		}
		if (n_ended < n)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
	curl_multi_cleanup(multi);
}

/* --- what it is given --- */

static void open_ledger(
    struct ended *ended, const char *path, const struct file *files, size_t n)
{
	if (sqlite3_open(path, &ended->db) != SQLITE_OK)
		die(path, "can't be opened");
	sql(ended->db,
	    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	    "CREATE TABLE asset(name TEXT PRIMARY KEY, link TEXT, bytes INT, sum BLOB, "
	    "stored INT) WITHOUT ROWID;"
	    "BEGIN IMMEDIATE");
	sqlite3_stmt *wanted =
	    prepare(ended->db, "INSERT INTO asset(name, link) VALUES(?1, ?2)");
	for (size_t i = 0; i < n; i++) {
		sqlite3_bind_text(wanted, 1, files[i].name, -1, SQLITE_STATIC);
		sqlite3_bind_text(wanted, 2, files[i].link, -1, SQLITE_STATIC);
		step(ended->db, wanted);
	}
	sql(ended->db, "COMMIT");
	sqlite3_finalize(wanted);
	ended->intent =
	    prepare(ended->db, "UPDATE asset SET sum=?1, bytes=?2 WHERE name=?3");
	ended->fact = prepare(ended->db, "UPDATE asset SET stored=1 WHERE name=?1");
}

/* The files it is to bring; by the words behind the first three. */
static struct file *find_files(char **argv, bool *is_durable, size_t *n)
{
	char **word = argv + 4;

	*is_durable = !*word || strcmp(*word, "--no-sync") != 0;
	if (!*is_durable)
		word++;
	if (!*word)
		return links_read(argv[1], n);
	const bool is_read = !strcmp(*word, "--read");
	if ((!is_read && strcmp(*word, "--skim") != 0) || !word[1])
		die(*word, "is not '--skim URL' or '--read URL'");
	return links_ask(argv[1], word[1], is_read, n);
}

int main(int argc, char **argv)
{
	struct ended ended = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.some = PTHREAD_COND_INITIALIZER };
	pthread_t namer;
	size_t n;

	if (argc < 4)
		die("usage",
		    "bare-promise LIST FOLDER LEDGER [--no-sync] [--skim URL | --read "
		    "URL]");
	curl_global_init(CURL_GLOBAL_DEFAULT);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	struct file *files = find_files(argv, &ended.is_durable, &n);
	ended.folder = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ended.folder < 0)
		die(argv[2], "can't be opened");
	open_ledger(&ended, argv[3], files, n);
	if (pthread_create(&namer, NULL, name_files, &ended) != 0)
		die("a thread", "can't be begun");
	receive(files, n, &ended);
	pthread_mutex_lock(&ended.lock);
	ended.over = true;
	pthread_cond_signal(&ended.some);
	pthread_mutex_unlock(&ended.lock);
	pthread_join(namer, NULL);
	sqlite3_finalize(ended.intent);
	sqlite3_finalize(ended.fact);
	sqlite3_close(ended.db);
	free(files);
	EVP_MD_free(sha256);
	curl_global_cleanup();
	return 0;
}
