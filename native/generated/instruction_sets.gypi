{
  "variables": {
    "kernel_libraries": [
      "kernels_scalar"
    ],
    "conditions": [
      [
        "target_arch==\"x64\"",
        {
          "kernel_libraries": [
            "kernels_amx",
            "kernels_avx512bf16",
            "kernels_avx512",
            "kernels_avx2"
          ]
        }
      ],
      [
        "target_arch==\"arm64\"",
        {
          "kernel_libraries": [
            "kernels_neon"
          ]
        }
      ]
    ]
  },
  "targets": [
    {
      "target_name": "kernels_scalar",
      "type": "static_library",
      "sources": [
        "../isa/scalar.cpp"
      ],
      "cflags": [
        "-ffp-contract=off",
        "-fno-math-errno",
        "-fno-trapping-math",
        "-fno-exceptions",
        "-fno-rtti"
      ],
      "xcode_settings": {
        "OTHER_CFLAGS": [
          "-ffp-contract=off",
          "-fno-math-errno",
          "-fno-trapping-math",
          "-fno-exceptions",
          "-fno-rtti"
        ]
      },
      "msvs_settings": {
        "VCCLCompilerTool": {
          "AdditionalOptions": [
            "/fp:precise"
          ]
        }
      }
    }
  ],
  "conditions": [
    [
      "target_arch==\"x64\"",
      {
        "targets": [
          {
            "target_name": "kernels_amx",
            "type": "static_library",
            "sources": [
              "../isa/amx.cpp"
            ],
            "cflags": [
              "-ffp-contract=off",
              "-fno-math-errno",
              "-fno-trapping-math",
              "-fno-exceptions",
              "-fno-rtti",
              "-mavx512f",
              "-mavx512bw",
              "-mavx512dq",
              "-mavx512vl",
              "-mfma",
              "-mprefer-vector-width=512",
              "-mavx512bf16"
            ],
            "xcode_settings": {
              "OTHER_CFLAGS": [
                "-ffp-contract=off",
                "-fno-math-errno",
                "-fno-trapping-math",
                "-fno-exceptions",
                "-fno-rtti",
                "-mavx512f",
                "-mavx512bw",
                "-mavx512dq",
                "-mavx512vl",
                "-mfma",
                "-mprefer-vector-width=512",
                "-mavx512bf16"
              ]
            },
            "msvs_settings": {
              "VCCLCompilerTool": {
                "AdditionalOptions": [
                  "/fp:precise",
                  "/arch:AVX512"
                ]
              }
            }
          },
          {
            "target_name": "kernels_avx512bf16",
            "type": "static_library",
            "sources": [
              "../isa/avx512bf16.cpp"
            ],
            "cflags": [
              "-ffp-contract=off",
              "-fno-math-errno",
              "-fno-trapping-math",
              "-fno-exceptions",
              "-fno-rtti",
              "-mavx512f",
              "-mavx512bw",
              "-mavx512dq",
              "-mavx512vl",
              "-mfma",
              "-mprefer-vector-width=512",
              "-mavx512bf16"
            ],
            "xcode_settings": {
              "OTHER_CFLAGS": [
                "-ffp-contract=off",
                "-fno-math-errno",
                "-fno-trapping-math",
                "-fno-exceptions",
                "-fno-rtti",
                "-mavx512f",
                "-mavx512bw",
                "-mavx512dq",
                "-mavx512vl",
                "-mfma",
                "-mprefer-vector-width=512",
                "-mavx512bf16"
              ]
            },
            "msvs_settings": {
              "VCCLCompilerTool": {
                "AdditionalOptions": [
                  "/fp:precise",
                  "/arch:AVX512"
                ]
              }
            }
          },
          {
            "target_name": "kernels_avx512",
            "type": "static_library",
            "sources": [
              "../isa/avx512.cpp"
            ],
            "cflags": [
              "-ffp-contract=off",
              "-fno-math-errno",
              "-fno-trapping-math",
              "-fno-exceptions",
              "-fno-rtti",
              "-mavx512f",
              "-mavx512bw",
              "-mavx512dq",
              "-mavx512vl",
              "-mfma",
              "-mprefer-vector-width=512"
            ],
            "xcode_settings": {
              "OTHER_CFLAGS": [
                "-ffp-contract=off",
                "-fno-math-errno",
                "-fno-trapping-math",
                "-fno-exceptions",
                "-fno-rtti",
                "-mavx512f",
                "-mavx512bw",
                "-mavx512dq",
                "-mavx512vl",
                "-mfma",
                "-mprefer-vector-width=512"
              ]
            },
            "msvs_settings": {
              "VCCLCompilerTool": {
                "AdditionalOptions": [
                  "/fp:precise",
                  "/arch:AVX512"
                ]
              }
            }
          },
          {
            "target_name": "kernels_avx2",
            "type": "static_library",
            "sources": [
              "../isa/avx2.cpp"
            ],
            "cflags": [
              "-ffp-contract=off",
              "-fno-math-errno",
              "-fno-trapping-math",
              "-fno-exceptions",
              "-fno-rtti",
              "-mavx2",
              "-mfma"
            ],
            "xcode_settings": {
              "OTHER_CFLAGS": [
                "-ffp-contract=off",
                "-fno-math-errno",
                "-fno-trapping-math",
                "-fno-exceptions",
                "-fno-rtti",
                "-mavx2",
                "-mfma"
              ]
            },
            "msvs_settings": {
              "VCCLCompilerTool": {
                "AdditionalOptions": [
                  "/fp:precise",
                  "/arch:AVX2"
                ]
              }
            }
          }
        ]
      }
    ],
    [
      "target_arch==\"arm64\"",
      {
        "targets": [
          {
            "target_name": "kernels_neon",
            "type": "static_library",
            "sources": [
              "../isa/neon.cpp"
            ],
            "cflags": [
              "-ffp-contract=off",
              "-fno-math-errno",
              "-fno-trapping-math",
              "-fno-exceptions",
              "-fno-rtti"
            ],
            "xcode_settings": {
              "OTHER_CFLAGS": [
                "-ffp-contract=off",
                "-fno-math-errno",
                "-fno-trapping-math",
                "-fno-exceptions",
                "-fno-rtti"
              ]
            },
            "msvs_settings": {
              "VCCLCompilerTool": {
                "AdditionalOptions": [
                  "/fp:precise"
                ]
              }
            }
          }
        ]
      }
    ]
  ]
}
