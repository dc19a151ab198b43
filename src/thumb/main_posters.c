/*
 * main_posters.c - dreamq-poster: small pictures of films that strangers have made.
 * dreamq starts it, and nobody else does.
 */
#include "thumb/serve.h"

int main(void)
{
	return serve(prepare_posters, decode_poster);
}
