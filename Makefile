.PHONY: up down build test lint format bench fuzz soak clean
up:     ; @scripts/up
down:   ; @scripts/down
build:  ; @scripts/build release
test:   ; @scripts/test
lint:   ; @scripts/lint
format: ; @git ls-files '*.cc' '*.h' | xargs clang-format-19 -i
bench:  ; @scripts/bench
fuzz:   ; @scripts/fuzz
clean:  ; @rm -rf build
