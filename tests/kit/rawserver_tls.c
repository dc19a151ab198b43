#include "rawserver_tls.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void raw_must(bool is_true, const char *what)
{
	if (is_true)
		return;
	perror(what);
	abort();
}

static X509 *make_certificate(EVP_PKEY *key, const char *name)
{
	X509 *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);
	X509_EXTENSION *names, *basic;
	char alternatives[256];

	(void)snprintf(alternatives, sizeof(alternatives), "DNS:%s,IP:127.0.0.1", name);
	names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternatives);
	basic = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "CA:TRUE");
	raw_must(names && basic, "certificate extensions");
	(void)X509_set_version(cert, 2);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	(void)X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	(void)X509_NAME_add_entry_by_txt(
	    subject, "CN", MBSTRING_ASC, (const unsigned char *)"dreamq test", -1, -1, 0);
	(void)X509_set_issuer_name(cert, subject);
	(void)X509_set_pubkey(cert, key);
	(void)X509_add_ext(cert, basic, -1);
	(void)X509_add_ext(cert, names, -1);
	raw_must(X509_sign(cert, key, EVP_sha256()) > 0, "X509_sign");
	X509_EXTENSION_free(basic);
	X509_EXTENSION_free(names);
	return cert;
}

static void write_certificate(const X509 *cert, const char *path)
{
	FILE *file;
	int fd;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	raw_must(fd >= 0, path);
	file = fdopen(fd, "w");
	raw_must(file && PEM_write_X509(file, cert) == 1, "write the certificate");
	(void)fclose(file);
}

SSL_CTX *raw_tls_new(const char *name, const char *ca_file)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = make_certificate(key, name);
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

	(void)signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
	raw_must(SSL_CTX_use_certificate(tls, cert) == 1, "use certificate");
	raw_must(SSL_CTX_use_PrivateKey(tls, key) == 1, "use key");
	write_certificate(cert, ca_file);
	X509_free(cert);
	EVP_PKEY_free(key);
	return tls;
}
