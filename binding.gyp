# The kernels are compiled once for each instruction set, each in a library of its own with its own flags; the addon chooses
# one when it is loaded. The flags for Visual C++ and Xcode are written after their documentation: built nowhere here.
{
  'target_defaults': {
    'cflags': ['-O3', '-fvisibility=hidden', '-Wall', '-Wextra'],
    'cflags_cc': ['-std=c++17'],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
      'GCC_OPTIMIZATION_LEVEL': '3',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      'MACOSX_DEPLOYMENT_TARGET': '11.0',
    },
    'msvs_settings': {
      'VCCLCompilerTool': {'AdditionalOptions': ['/std:c++17', '/O2', '/utf-8']},
    },
  },
  'variables': {
    # No fused multiply-add but where the source asks for it; no errno from sqrt and no traps from comparisons, which would
    # keep loops from being vectorised.
    'kernel_flags': ['-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math', '-fno-exceptions', '-fno-rtti'],
    # Visual C++ fuses by pragma only: native/isa/spine.h forbids it.
    'msvc_kernel_flags': ['/fp:precise'],
    'avx2_flags': ['-mavx2', '-mfma'],
    'avx512_flags': ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mfma', '-mprefer-vector-width=512'],
  },
  'targets': [
    {
      'target_name': 'kernels_scalar',
      'type': 'static_library',
      'sources': ['native/isa/scalar.cpp'],
      'cflags': ['<@(kernel_flags)'],
      'xcode_settings': {'OTHER_CFLAGS': ['<@(kernel_flags)']},
      'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['<@(msvc_kernel_flags)']}},
    },
    {
      'target_name': 'chainrule',
      'sources': [
        'native/addon.cpp',
        'native/barrier.cpp',
        'native/cpu.cpp',
        'native/finite.cpp',
        'native/interpreter.cpp',
        'native/packed_operands.cpp',
        'native/peak.cpp',
        'native/pool.cpp',
        'native/session.cpp',
        'native/thread_code.cpp',
        'native/training_thread.cpp',
        'native/workspace.cpp',
      ],
      'dependencies': ['kernels_scalar'],
      'include_dirs': ["<!(node -p \"require('node-addon-api').include_dir\")"],
      'defines': ['NAPI_VERSION=8'],
      # For two catches: std::thread reports a refusal by an exception and by nothing else.
      'cflags_cc!': ['-fno-exceptions'],
      'xcode_settings': {'GCC_ENABLE_CPP_EXCEPTIONS': 'YES'},
      'msvs_settings': {'VCCLCompilerTool': {'ExceptionHandling': 1}},
      'conditions': [
        ['target_arch=="x64"', {'dependencies': ['kernels_avx2', 'kernels_avx512']}],
        ['target_arch=="arm64"', {'dependencies': ['kernels_neon']}],
        ['OS=="linux"', {'ldflags': ['-Wl,-s']}],
        # Node's own settings define it as 0.
        ['OS=="win"', {'defines!': ['_HAS_EXCEPTIONS=0'], 'defines': ['_HAS_EXCEPTIONS=1']}],
      ],
    },
  ],
  'conditions': [
    ['target_arch=="x64"', {
      'targets': [
        {
          'target_name': 'kernels_avx2',
          'type': 'static_library',
          'sources': ['native/isa/avx2.cpp'],
          'cflags': ['<@(kernel_flags)', '<@(avx2_flags)'],
          'xcode_settings': {'OTHER_CFLAGS': ['<@(kernel_flags)', '<@(avx2_flags)']},
          'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['<@(msvc_kernel_flags)', '/arch:AVX2']}},
        },
        {
          'target_name': 'kernels_avx512',
          'type': 'static_library',
          'sources': ['native/isa/avx512.cpp', 'native/isa/amx.cpp'],
          'cflags': ['<@(kernel_flags)', '<@(avx512_flags)'],
          'xcode_settings': {'OTHER_CFLAGS': ['<@(kernel_flags)', '<@(avx512_flags)']},
          'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['<@(msvc_kernel_flags)', '/arch:AVX512']}},
        },
      ],
    }],
    ['target_arch=="arm64"', {
      'targets': [
        {
          'target_name': 'kernels_neon',
          'type': 'static_library',
          'sources': ['native/isa/neon.cpp'],
          'cflags': ['<@(kernel_flags)'],
          'xcode_settings': {'OTHER_CFLAGS': ['<@(kernel_flags)']},
          'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['<@(msvc_kernel_flags)']}},
        },
      ],
    }],
  ],
}
