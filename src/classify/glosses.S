// The lists of glosses, byte for byte, one after the other.
        .section .rodata
        .global plimsoll_glosses
        .hidden plimsoll_glosses
        .type   plimsoll_glosses, @object
plimsoll_glosses:
        .incbin "en.txt"
        .incbin "es.txt"
        .incbin "fr.txt"
        .incbin "de.txt"
        .incbin "pt.txt"
        .incbin "it.txt"
        .incbin "nl.txt"
        .incbin "pl.txt"
        .incbin "tr.txt"
        .incbin "id.txt"
        .incbin "vi.txt"
        .incbin "ru.txt"
        .incbin "ar.txt"
        .incbin "hi.txt"
        .incbin "zh.txt"
        .incbin "ja.txt"
        .incbin "ko.txt"
        .global plimsoll_glosses_end
        .hidden plimsoll_glosses_end
plimsoll_glosses_end:
        .byte   0
        .size   plimsoll_glosses, . - plimsoll_glosses
        .section .note.GNU-stack, "", @progbits
