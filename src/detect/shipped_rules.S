// The files of rules, byte for byte.
        .section .rodata
        .macro  file name, path
        .balign 16
        .global plimsoll_rules_\name
        .hidden plimsoll_rules_\name
        .type   plimsoll_rules_\name, @object
plimsoll_rules_\name:
        .incbin "\path"
        .global plimsoll_rules_\name\()_end
        .hidden plimsoll_rules_\name\()_end
plimsoll_rules_\name\()_end:
        .byte 0
        .size   plimsoll_rules_\name, . - plimsoll_rules_\name
        .endm

        file    shared, "shared.yaml"
        file    cbrn, "cbrn.yaml"
        file    self_harm, "self_harm.yaml"
        file    jailbreak, "jailbreak.yaml"
        file    exploitation, "exploitation.yaml"
        file    toxicity, "toxicity.yaml"
        file    deception, "deception.yaml"
        .section .note.GNU-stack, "", @progbits
