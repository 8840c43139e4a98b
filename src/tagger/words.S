// The word lists, one after another, and the sentences to practise on.
        .section .rodata
        .balign 16
        .global plimsoll_tagger_words
        .hidden plimsoll_tagger_words
        .type   plimsoll_tagger_words, @object
plimsoll_tagger_words:
        .incbin "given.txt"
        .incbin "family.txt"
        .incbin "places.txt"
        .incbin "streets.txt"
        .incbin "organizations.txt"
        .incbin "other.txt"
        .incbin "cues.txt"
        .global plimsoll_tagger_words_end
        .hidden plimsoll_tagger_words_end
plimsoll_tagger_words_end:
        .byte 0
        .size   plimsoll_tagger_words, . - plimsoll_tagger_words
        .global plimsoll_tagger_contexts
        .hidden plimsoll_tagger_contexts
        .type   plimsoll_tagger_contexts, @object
plimsoll_tagger_contexts:
        .incbin "contexts.txt"
        .global plimsoll_tagger_contexts_end
        .hidden plimsoll_tagger_contexts_end
plimsoll_tagger_contexts_end:
        .byte 0
        .size   plimsoll_tagger_contexts, . - plimsoll_tagger_contexts
        .section .note.GNU-stack, "", @progbits
