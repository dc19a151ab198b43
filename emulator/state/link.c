#include "state/link.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/hash.h"

#define IMAGE_BUCKET "/" LINK_URI_BUCKET
#define IMAGE_TEMPLATE "~tplv-tb4s082cfz-"
#define VIDEO_FOLDER "/video/tos/cn/tos-cn-v-148450/"

enum { MAC_LEN = 20, MAC_BASE64 = 28, VIDEO_LIFE_S = 3610, INDEXES_MAX = 64 };

struct link_key link_key_make(uint64_t seed)
{
	struct link_key key;

	for (unsigned i = 0; i < sizeof(key.bytes); i += 8) {
		uint64_t word = hash_mix(seed, 0x6c696e6b + i);

		memcpy(key.bytes + i, &word, 8);
	}
	return key;
}

static uint64_t object_check(uint64_t task_key, unsigned index)
{
	return hash_mix(task_key, 0x6f626a00u + index);
}

void link_object(uint64_t task_key, unsigned index, char ret[OBJECT_LEN + 1])
{
	(void)snprintf(ret, OBJECT_LEN + 1, "%016llx%016llx",
	    (unsigned long long)task_key,
	    (unsigned long long)object_check(task_key, index));
}

bool link_object_read(const char *object, uint64_t *ret_task_key, unsigned *ret_index)
{
	char half[17] = "";
	uint64_t key, check;

	if (strlen(object) != OBJECT_LEN ||
	    strspn(object, "0123456789abcdef") != OBJECT_LEN)
		return false;
	memcpy(half, object, 16);
	key = strtoull(half, NULL, 16);
	check = strtoull(object + 16, NULL, 16);
	for (unsigned i = 0; i < INDEXES_MAX; i++)
		if (object_check(key, i) == check) {
			*ret_task_key = key;
			*ret_index = i;
			return true;
		}
	return false;
}

static void mac(const struct link_key *key, const struct link *link, uint8_t out[MAC_LEN])
{
	char message[256];
	int n = snprintf(message, sizeof(message), "%d/%s/%s/%lld/%u", link->is_video,
	    link->object, link->transform, (long long)link->expires, link->salt);
	unsigned len = MAC_LEN;

	if (!HMAC(EVP_sha1(), key->bytes, sizeof(key->bytes), (const uint8_t *)message,
		(size_t)n, out, &len))
		abort();
}

static void lk3s_of(const struct link *link, char out[9])
{
	if (link->salt == 0)
		memcpy(out, "43402efa", 9);
	else
		(void)snprintf(out, 9, "%08x", (unsigned)hash_mix(link->salt, 0x6c6b));
}

static void write_image(
    struct text *out, const struct link *link, const uint8_t sum[MAC_LEN])
{
	unsigned char base64[MAC_BASE64 + 1];
	const char *suffix = strrchr(link->transform, '.');
	char lk3s[9];

	(void)EVP_EncodeBlock(base64, sum, MAC_LEN);
	lk3s_of(link, lk3s);
	text_printf(out,
	    IMAGE_BUCKET "%s" IMAGE_TEMPLATE "%s?lk3s=%s&x-expires=%lld&x-signature=",
	    link->object, link->transform, lk3s, (long long)link->expires);
	text_percent(out, (const char *)base64, "");
	text_printf(out, "&format=%s", suffix ? suffix : "");
}

void link_write(struct text *out, const struct link_key *key, const struct link *link,
    int64_t now_unix, uint64_t noise)
{
	uint8_t sum[MAC_LEN];

	mac(key, link, sum);
	if (!link->is_video) {
		write_image(out, link, sum);
		return;
	}
	text_puts(out, "/");
	text_hex(out, sum, 16);
	text_printf(out, "/%08llx" VIDEO_FOLDER "%s/", (unsigned long long)link->expires,
	    link->object);
	text_puts(out, "?a=4066&ch=0&cr=0&dr=0");
	if (link->logo && *link->logo)
		text_printf(out, "&lr=%s", link->logo);
	text_printf(out,
	    "&cd=0%%7C0%%7C0%%7C0&cv=1&br=%u&bt=%u&cs=0&ds=12&ft=5QYTUxhhe6BMyq%016llx"
	    "&mime_type=%s&qs=0&rc=%016llx%%3D%%3D&btag=c0000e00018000&dy_q=%lld"
	    "&feature_id=&l=%016llx",
	    link->bitrate, link->bitrate, (unsigned long long)hash_mix(noise, 1),
	    link->mime ? link->mime : "video_mp4", (unsigned long long)hash_mix(noise, 2),
	    (long long)now_unix, (unsigned long long)hash_mix(noise, 3));
}

/* Copy `n` characters of `from` if they fit and are fit for a path. */
static bool take(char *to, size_t room, const char *from, size_t n)
{
	if (n == 0 || n >= room)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)from[i]) && !strchr("._-:", from[i]))
			return false;
	memcpy(to, from, n);
	to[n] = '\0';
	return true;
}

static bool read_image(const char *path, struct link *link)
{
	const char *name = path + strlen(IMAGE_BUCKET);
	const char *template = strstr(name, IMAGE_TEMPLATE);
	const char *transform;

	if (!template)
		return false;
	transform = template + strlen(IMAGE_TEMPLATE);
	return take(
		   link->object, sizeof(link->object), name, (size_t)(template - name)) &&
	    take(link->transform, sizeof(link->transform), transform, strlen(transform));
}

static bool read_video(const char *path, struct link *link)
{
	const char *folder = strstr(path, VIDEO_FOLDER);
	const char *name;
	char *end;

	if (!folder || folder - path != 1 + 32 + 1 + 8)
		return false;
	link->is_video = true;
	link->expires = strtoll(path + 34, &end, 16);
	name = folder + strlen(VIDEO_FOLDER);
	return end == folder &&
	    take(link->object, sizeof(link->object), name, strcspn(name, "/"));
}

bool link_read(const char *path, struct link *ret)
{
	*ret = (struct link){ 0 };
	if (strncmp(path, IMAGE_BUCKET, strlen(IMAGE_BUCKET)) == 0)
		return read_image(path, ret);
	return read_video(path, ret);
}

bool link_is_signed(const struct link_key *key, const struct link *link, const char *path,
    const char *lk3s, const char *signature)
{
	unsigned char base64[MAC_BASE64 + 1];
	char expected[9];
	struct text hex = { 0 };
	uint8_t sum[MAC_LEN];
	bool same;

	mac(key, link, sum);
	if (!link->is_video) {
		(void)EVP_EncodeBlock(base64, sum, MAC_LEN);
		lk3s_of(link, expected);
		return strcmp(lk3s, expected) == 0 &&
		    strcmp(signature, (const char *)base64) == 0;
	}
	text_hex(&hex, sum, 16);
	same = strncmp(path + 1, text_str(&hex), 32) == 0;
	text_release(&hex);
	return same;
}

int64_t link_expiry(bool is_video, int64_t now_unix, double life_s)
{
	if (life_s > 0.0)
		return now_unix + (int64_t)(life_s < 1.0 ? 1.0 : life_s);
	if (is_video)
		return now_unix + VIDEO_LIFE_S;
	return now_unix - now_unix % 3600 + 7200;
}
