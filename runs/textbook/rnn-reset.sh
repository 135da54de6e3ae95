#!/usr/bin/env bash
# The run that the book calls random: windows in order, state reset at every minibatch (d2l 8.5). Published: 1.5.
exec "$(dirname "${BASH_SOURCE[0]}")/train.sh" textbook-reset "$@"
