#include "store/media/media.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "store/media/source.h"
#include "store/media/walk.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

typedef enum err_kind walk_function(struct source *source, struct err *err);

/*
 * The first row whose bytes match wins. `lead` stands at 0, `mark` at `mark_at`;
 * either may be empty.
 */
static const struct container {
	const char *lead;
	unsigned lead_len, mark_at, mark_len;
	const char *mark;
	struct media_type type;
	walk_function *walk;
} containers[] = {
#define LEAD(s) .lead = (s), .lead_len = sizeof(s) - 1
#define MARK(at, s) .mark_at = (at), .mark = (s), .mark_len = sizeof(s) - 1
#define IMAGE(name, ending) .type = { name, ending, MEDIA_IMAGE }
#define VIDEO(name) .type = { name, name, MEDIA_VIDEO }
#define AUDIO(name) .type = { name, name, MEDIA_AUDIO }
	{ LEAD("\x89PNG\r\n\x1a\n"), IMAGE("png", "png"), .walk = walk_png },
	{ LEAD("\xff\xd8\xff"), IMAGE("jpeg", "jpg"), .walk = walk_jpeg },
	{ LEAD("GIF87a"), IMAGE("gif", "gif"), .walk = walk_gif },
	{ LEAD("GIF89a"), IMAGE("gif", "gif"), .walk = walk_gif },
	{ LEAD("RIFF"), MARK(8, "WEBP"), IMAGE("webp", "webp"), .walk = walk_webp },
	{ LEAD("RIFF"), MARK(8, "WAVE"), AUDIO("wav"), .walk = walk_wav },
	{ LEAD("RF64"), MARK(8, "WAVE"), AUDIO("wav"), .walk = walk_wav },
	{ LEAD("BW64"), MARK(8, "WAVE"), AUDIO("wav"), .walk = walk_wav },
	{ MARK(4, "ftypavif"), IMAGE("avif", "avif"), .walk = walk_heif },
	{ MARK(4, "ftypavis"), IMAGE("avif", "avif"), .walk = walk_heif },
	{ MARK(4, "ftyphei"), IMAGE("heic", "heic"), .walk = walk_heif },
	{ MARK(4, "ftyphev"), IMAGE("heic", "heic"), .walk = walk_heif },
	{ MARK(4, "ftypmif1"), IMAGE("heic", "heic"), .walk = walk_heif },
	{ MARK(4, "ftypmsf1"), IMAGE("heic", "heic"), .walk = walk_heif },
	{ MARK(4, "ftypM4A"), AUDIO("m4a"), .walk = walk_film },
	{ MARK(4, "ftypM4B"), AUDIO("m4a"), .walk = walk_film },
	{ MARK(4, "ftypqt"), VIDEO("mov"), .walk = walk_film },
	{ MARK(4, "ftyp"), VIDEO("mp4"), .walk = walk_film },
	/* QuickTime before 2001 had no ftyp. */
	{ MARK(4, "moov"), VIDEO("mov"), .walk = walk_film },
	{ MARK(4, "mdat"), VIDEO("mov"), .walk = walk_film },
	{ MARK(4, "wide"), VIDEO("mov"), .walk = walk_film },
	/* Room that was left in front; media_check looks behind it. */
	{ MARK(4, "skip"), VIDEO("mov"), .walk = walk_film },
	{ MARK(4, "free"), VIDEO("mov"), .walk = walk_film },
	{ LEAD("\x1a\x45\xdf\xa3"), VIDEO("webm"), .walk = walk_matroska },
	{ LEAD("OggS"), AUDIO("ogg"), .walk = walk_ogg },
	{ LEAD("fLaC"), AUDIO("flac"), .walk = walk_flac },
	{ LEAD("ID3"), AUDIO("mp3"), .walk = walk_mp3 },
};

/*
 * Frames of MPEG audio have no magic, only 11 set bits and values that must make sense.
 */
static const struct container mp3_frames = { AUDIO("mp3"), .walk = walk_mp3 };
static const struct container aac_frames = { AUDIO("aac"), .walk = walk_aac };

static bool is_at(
    const unsigned char *head, size_t len, size_t at, const char *mark, size_t mark_len)
{
	return len >= at + mark_len && (!mark_len || !memcmp(head + at, mark, mark_len));
}

static const struct container *find_frames(const unsigned char *head, size_t len)
{
	if (len < 4 || head[0] != 0xff || (head[1] & 0xe0) != 0xe0)
		return NULL;
	if ((head[1] & 0xf6) == 0xf0 && (head[2] & 0x3c) >> 2 < 13)
		return &aac_frames;
	/* Layer III only; not the reserved version, bit rates, sampling rate. */
	if ((head[1] & 0x18) == 0x08 || (head[1] & 0x06) != 0x02 || head[2] >> 4 == 15 ||
	    head[2] >> 4 == 0 || (head[2] & 0x0c) == 0x0c)
		return NULL;
	return &mp3_frames;
}

static const struct container *find_container(const unsigned char *head, size_t len)
{
	for (size_t i = 0; i < COUNT(containers); i++) {
		const struct container *c = &containers[i];

		if (is_at(head, len, 0, c->lead, c->lead_len) &&
		    is_at(head, len, c->mark_at, c->mark, c->mark_len))
			return c;
	}
	return find_frames(head, len);
}

const struct media_type *media_sniff(const void *head, size_t len)
{
	const struct container *c = find_container(head, len);

	return c ? &c->type : NULL;
}

static bool begins_with(const char *text, size_t len, const char *word)
{
	const size_t n = strlen(word);

	return len >= n && !strncasecmp(text, word, n);
}

/* Says what a file that is no media seems to be, for the message; NULL: no idea. */
static const char *describe(const char *head, size_t len)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	static const struct {
		const char *begin, *name;
	} texts[] = { { "<!doctype html", N_("an HTML page") },
		{ "<html", N_("an HTML page") }, { "<head", N_("an HTML page") },
		{ "<body", N_("an HTML page") }, { "<script", N_("an HTML page") },
		{ "<?xml", N_("an XML text") }, { "<error", N_("an XML text") },
		{ "<svg", N_("an SVG text") }, { "<", N_("markup") },
		{ "{", N_("a JSON text") }, { "[", N_("a JSON text") },
		{ "\x1f\x8b", N_("gzip data") }, { "PK\x03\x04", N_("a ZIP file") },
		{ "%PDF", N_("a PDF file") } };

	if (begins_with(head, len, byte_order_mark)) {
		head += 3;
		len -= 3;
	}
	while (len && strchr(" \t\r\n", *head) && *head) {
		head++;
		len--;
	}
	for (size_t i = 0; i < COUNT(texts); i++)
		if (begins_with(head, len, texts[i].begin))
			return texts[i].name;
	return len ? NULL : N_("blank");
}

static enum err_kind fail_no_media(const unsigned char *head, size_t len, struct err *err)
{
	const char *name = describe((const char *)head, len);
	char bytes[32] = "";

	if (name)
		return err_set(
		    err, ERR_CONTRACT, "not a picture, film or sound: it is %s", name);
	for (size_t i = 0; i < len && i < 8; i++)
		(void)snprintf(bytes + 3 * i, sizeof(bytes) - 3 * i, " %02x", head[i]);
	return err_set(
	    err, ERR_CONTRACT, "not a picture, film or sound: it begins with%s", bytes);
}

/* An ftyp behind room that was left in front of it knows better. */
static enum err_kind look_behind_room(
    struct source *source, const struct container **container, struct err *err)
{
	enum { ROOMS_MAX = 8 };
	const struct container *c = *container;
	const unsigned char *head;
	uint64_t at = 0;
	size_t len;
	uint32_t size;

	for (int i = 0; i < ROOMS_MAX && c && c->walk == walk_film; i++) {
		if (!c->mark ||
		    (strcmp(c->mark, "skip") != 0 && strcmp(c->mark, "free") != 0))
			break;
		if (source_be32(source, at, &size, err))
			return err->kind;
		at += size;
		if (size < 8 || source_view(source, at, &head, &len, err))
			return ERR_OK; /* the walk will say so */
		c = find_container(head, len);
	}
	if (c && c->mark && !strncmp(c->mark, "ftyp", 4))
		*container = c;
	return ERR_OK;
}

/* Of a small file the first look was at all of it. */
static enum err_kind check_length(const struct source *source, struct err *err)
{
	struct stat st;

	if (source->window_len == source->size_bytes)
		return ERR_OK;
	if (fstat(source->fd, &st))
		return err_errno(err, ERR_IO, "can't look at the file");
	return (uint64_t)st.st_size >= source->size_bytes
	    ? ERR_OK
	    : err_set(err, ERR_CONTRACT,
		  "the file is cut off: it has %" PRId64 " of %" PRIu64 " bytes",
		  (int64_t)st.st_size, source->size_bytes);
}

/* NULL: *err says why. */
static const struct container *open_container(struct source *source, struct err *err)
{
	const struct container *c;
	const unsigned char *head;
	enum err_kind kind;
	size_t len;

	if (source->size_bytes == 0) {
		err_set(err, ERR_CONTRACT, "the file is empty");
		return NULL;
	}
	kind = source_view(source, 0, &head, &len, err);
	if (check_length(source, err) || kind)
		return NULL;
	c = find_container(head, len);
	if (!c)
		fail_no_media(head, len, err);
	if (!c || look_behind_room(source, &c, err))
		return NULL;
	source->format = c->type.format;
	return c;
}

enum err_kind media_check(
    int fd, uint64_t size_bytes, const struct media_type **ret_type, struct err *err)
{
	const struct container *c;
	struct source source;

	source_begin(&source, fd, size_bytes);
	c = open_container(&source, err);
	if (!c || c->walk(&source, err))
		return err->kind;
	*ret_type = &c->type;
	return ERR_OK;
}

/* Those that always do need not be read again. */
static bool always_tells_end(const struct container *c)
{
	static walk_function *const walks[] = { walk_png, walk_jpeg, walk_gif, walk_webp,
		walk_ogg };

	for (size_t i = 0; i < COUNT(walks); i++)
		if (c->walk == walks[i])
			return true;
	return false;
}

enum err_kind media_tells_end(int fd, uint64_t size_bytes,
    const struct media_type **ret_type, bool *ret_tells, struct err *err)
{
	const struct container *c;
	struct source source;

	source_begin(&source, fd, size_bytes);
	c = open_container(&source, err);
	if (!c || (!always_tells_end(c) && c->walk(&source, err)))
		return err->kind;
	*ret_type = &c->type;
	*ret_tells = !source.has_no_end;
	return ERR_OK;
}
