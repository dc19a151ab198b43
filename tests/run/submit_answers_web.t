#!/bin/bash
# The answers of submit_answers.t to submits as the web page makes them.
ANSWER_VIA=web exec bash "${0%_web.t}.t"
