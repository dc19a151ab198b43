#include "mcp/install/edit.h"

int edit_line(const char *text, size_t at)
{
	int line = 1;

	for (size_t i = 0; i < at && text[i]; i++)
		line += text[i] == '\n';
	return line;
}

enum err_kind edit_refuse(
    const struct edit *edit, size_t at, const char *why, struct err *err)
{
	return err_set(err, ERR_USAGE, "'%s', line %d: %s; nothing was changed",
	    edit->path, edit_line(edit->text, at), why);
}
