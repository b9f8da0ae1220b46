# The addon: one static library per code path with that path's compiler flags, and the rest for any CPU.
{
  "variables": {
    "arch%": "<(target_arch)",
    # Results must not depend on the path: no fused operations but those written out.
    "exact": ["-std=c++20", "-O3", "-fPIC", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math",
              "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-maybe-uninitialized", "-Wno-psabi"],
    "avx512": ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mfma", "-mprefer-vector-width=512"]
  },
  "target_defaults": {
    "include_dirs": ["."],
    "configurations": {
      # `npm run test:sanitize` builds and loads this one.
      "Debug": {
        "cflags_cc": ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer"],
        "ldflags": ["-fsanitize=address,undefined"]
      }
    },
    "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-fno-exceptions", "-fno-rtti", "-O2"],
    "cflags_cc": ["<@(exact)"],
    "xcode_settings": {
      "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
      "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
      # The first with std::barrier in its libc++.
      "MACOSX_DEPLOYMENT_TARGET": "11.0",
      "OTHER_CPLUSPLUSFLAGS": ["<@(exact)"]
    }
  },
  "targets": [
    {
      "target_name": "reseed",
      "sources": ["isa/paths/baseline.cpp", "<!@(node sources.mjs)"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS",
        "RESEED_VERSION=<!(node -p \"require('../package.json').version\")"
      ],
      "conditions": [
        ["arch=='x64'", {"dependencies": ["avx2", "avxvnni", "avx512", "avx512bf16", "avx512vnni", "amx"]}],
        ["arch=='arm64'", {"dependencies": ["neondotprod", "neoni8mm"]}]
      ]
    }
  ],
  "conditions": [
    ["arch=='x64'", {
      "targets": [
        {
          "target_name": "avx2",
          "type": "static_library",
          "sources": ["isa/paths/avx2.cpp"],
          "cflags_cc": ["-mavx2", "-mfma"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["-mavx2", "-mfma"]}
        },
        {
          "target_name": "avxvnni",
          "type": "static_library",
          "sources": ["isa/paths/avxvnni.cpp"],
          "cflags_cc": ["-mavx2", "-mfma", "-mavxvnni"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["-mavx2", "-mfma", "-mavxvnni"]}
        },
        {
          "target_name": "avx512",
          "type": "static_library",
          "sources": ["isa/paths/avx512.cpp"],
          "cflags_cc": ["<@(avx512)"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["<@(avx512)"]}
        },
        {
          "target_name": "avx512bf16",
          "type": "static_library",
          "sources": ["isa/paths/avx512bf16.cpp"],
          "cflags_cc": ["<@(avx512)", "-mavx512bf16"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["<@(avx512)", "-mavx512bf16"]}
        },
        {
          "target_name": "avx512vnni",
          "type": "static_library",
          "sources": ["isa/paths/avx512vnni.cpp"],
          "cflags_cc": ["<@(avx512)", "-mavx512vnni"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["<@(avx512)", "-mavx512vnni"]}
        },
        {
          "target_name": "amx",
          "type": "static_library",
          "sources": ["isa/paths/amx.cpp"],
          "cflags_cc": ["<@(avx512)", "-mavx512bf16", "-mamx-tile", "-mamx-bf16"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["<@(avx512)", "-mavx512bf16", "-mamx-tile", "-mamx-bf16"]}
        }
      ]
    }],
    ["arch=='arm64'", {
      "targets": [
        {
          "target_name": "neondotprod",
          "type": "static_library",
          "sources": ["isa/paths/neondotprod.cpp"],
          "cflags_cc": ["-march=armv8.2-a+dotprod"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["-march=armv8.2-a+dotprod"]}
        },
        {
          "target_name": "neoni8mm",
          "type": "static_library",
          "sources": ["isa/paths/neoni8mm.cpp"],
          "cflags_cc": ["-march=armv8.2-a+i8mm+bf16"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["-march=armv8.2-a+i8mm+bf16"]}
        }
      ]
    }]
  ]
}
