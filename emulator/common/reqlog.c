#include "common/reqlog.h"

#include <errno.h>
#include <string.h>

enum err_kind reqlog_open(struct reqlog *log, const char *path, struct err *err)
{
	(void)pthread_mutex_init(&log->lock, NULL);
	log->file = path ? fopen(path, "ae") : NULL;
	if (path && !log->file)
		return err_set(err, ERR_IO, "log '%s': %s", path, strerror(errno));
	return ERR_OK;
}

void reqlog_write(struct reqlog *log, const char *line)
{
	if (!log->file)
		return;
	(void)pthread_mutex_lock(&log->lock);
	(void)fprintf(log->file, "%s\n", line);
	(void)fflush(log->file);
	(void)pthread_mutex_unlock(&log->lock);
}

void reqlog_close(struct reqlog *log)
{
	if (log->file)
		(void)fclose(log->file);
	(void)pthread_mutex_destroy(&log->lock);
}
