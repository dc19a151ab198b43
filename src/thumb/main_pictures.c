/*
 * main_pictures.c - dreamq-thumb: small pictures of pictures that strangers have made.
 * dreamq starts it, and nobody else does.
 */
#include "thumb/serve.h"

int main(void)
{
	return serve(prepare_pictures, decode_picture);
}
