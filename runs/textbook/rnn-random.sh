#!/usr/bin/env bash
# What "random" says: shuffled windows, state reset at every minibatch. The book publishes no such run.
exec "$(dirname "${BASH_SOURCE[0]}")/train.sh" textbook-random "$@"
