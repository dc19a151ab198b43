#!/usr/bin/env node
// A receiver of dreamq's webhook: node webhook.mjs SECRET_FILE [PORT]
//
// Takes POSTs on 127.0.0.1, checks their signature, and prints each event once. The part that
// matters is verify(). (The package "standardwebhooks" does the same.)
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const TOLERANCE_SECONDS = 5 * 60;

// Is the body, as a Buffer, what the holder of the secret ("whsec_...") has just sent?
function verify(secret, headers, body) {
	const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
	const id = headers["webhook-id"], stamp = headers["webhook-timestamp"];
	if (!id || !(Math.abs(Date.now() / 1000 - Number(stamp)) <= TOLERANCE_SECONDS))
		return false;
	const wanted = Buffer.from("v1," + createHmac("sha256", key).update(`${id}.${stamp}.`).update(body).digest("base64"));
	return (headers["webhook-signature"] ?? "").split(" ").map((one) => Buffer.from(one))
		.some((one) => one.length === wanted.length && timingSafeEqual(one, wanted));
}

const secret = readFileSync(process.argv[2], "utf8").split("\n")[0].trim();
const seen = new Set(); // keep these where a restart finds them

const server = createServer(async (request, response) => {
	const parts = [];
	for await (const part of request)
		parts.push(part);
	const body = Buffer.concat(parts);
	const isRight = verify(secret, request.headers, body);
	if (isRight && !seen.has(request.headers["webhook-id"])) {
		seen.add(request.headers["webhook-id"]);
		console.log(body.toString().trim());
	}
	response.writeHead(isRight ? 204 : 401).end();
});
server.listen(Number(process.argv[3] ?? 0), "127.0.0.1", () =>
	console.log(`listening on http://127.0.0.1:${server.address().port}/`));
