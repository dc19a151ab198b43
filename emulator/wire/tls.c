#include "wire/tls.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

enum { DAYS = 30 };

static const struct {
	int nid;
	const char *value;
} extensions[] = {
	{ NID_basic_constraints, "critical,CA:TRUE" },
	{ NID_key_usage, "critical,digitalSignature,keyCertSign" },
	{ NID_ext_key_usage, "serverAuth" },
	{ NID_subject_key_identifier, "hash" },
	{ NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1" },
};

static void free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void free_cert(X509 **cert)
{
	X509_free(*cert);
}

static int add_extensions(X509 *cert)
{
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		X509_EXTENSION *extension = X509V3_EXT_conf_nid(
		    NULL, &ctx, extensions[i].nid, extensions[i].value);
		int ok = extension && X509_add_ext(cert, extension, -1);

		X509_EXTENSION_free(extension);
		if (!ok)
			return 0;
	}
	return 1;
}

static int fill(X509 *cert, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(cert);
	uint64_t serial = 1;

	if (RAND_bytes((unsigned char *)&serial, sizeof(serial)) != 1)
		return 0;
	return X509_set_version(cert, X509_VERSION_3) &&
	    ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1) &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), -86400L) &&
	    X509_gmtime_adj(X509_getm_notAfter(cert), 86400L * DAYS) &&
	    X509_set_pubkey(cert, key) &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		(const unsigned char *)"dreamq-emulator", -1, -1, 0) &&
	    X509_set_issuer_name(cert, name) && add_extensions(cert) &&
	    X509_sign(cert, key, EVP_sha256());
}

static void move(BIO *from, struct text *to)
{
	char *bytes = NULL;
	long n = BIO_get_mem_data(from, &bytes);

	if (n > 0)
		text_add(to, bytes, (size_t)n);
}

enum err_kind tls_make(struct text *ret_key, struct text *ret_cert, struct err *err)
{
	_cleanup_(free_key) EVP_PKEY *key = EVP_EC_gen("P-256");
	_cleanup_(free_cert) X509 *cert = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	enum err_kind failed = ERR_OK;

	if (!key || !cert || !bio || !fill(cert, key) ||
	    !PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)) {
		failed = err_set(err, ERR_IO, "no certificate could be made");
	} else {
		move(bio, ret_key);
		(void)BIO_reset(bio);
		if (PEM_write_bio_X509(bio, cert))
			move(bio, ret_cert);
		else
			failed = err_set(err, ERR_IO, "no certificate could be written");
	}
	BIO_free(bio);
	return failed;
}
