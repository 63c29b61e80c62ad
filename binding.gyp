# The kernels are compiled once for each instruction set, each in a library of its own with its own flags
# (src/codegen/instruction-sets.ts); the addon chooses one when it is loaded. The flags for Visual C++ and Xcode are written after their documentation: built nowhere here.
{
  'includes': ['native/generated/instruction_sets.gypi'],
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
  'targets': [
    {
      'target_name': 'chainrule',
      'sources': [
        'native/addon.cpp',
        'native/barrier.cpp',
        'native/cpu.cpp',
        'native/csv_lines.cpp',
        'native/csv_object.cpp',
        'native/finite.cpp',
        'native/interpreter.cpp',
        'native/packed_operands.cpp',
        'native/peak.cpp',
        'native/pending_job.cpp',
        'native/pool.cpp',
        'native/priority.cpp',
        'native/session.cpp',
        'native/thread_code.cpp',
        'native/training_thread.cpp',
        'native/workspace.cpp',
      ],
      'dependencies': ['<@(kernel_libraries)'],
      'include_dirs': ["<!(node -p \"require('node-addon-api').include_dir\")"],
      'defines': ['NAPI_VERSION=8'],
      # For two catches: std::thread reports a refusal by an exception and by nothing else.
      'cflags_cc!': ['-fno-exceptions'],
      'xcode_settings': {'GCC_ENABLE_CPP_EXCEPTIONS': 'YES'},
      'msvs_settings': {'VCCLCompilerTool': {'ExceptionHandling': 1}},
      'conditions': [
        ['OS=="linux"', {'ldflags': ['-Wl,-s']}],
        # Node's own settings define it as 0.
        ['OS=="win"', {'defines!': ['_HAS_EXCEPTIONS=0'], 'defines': ['_HAS_EXCEPTIONS=1']}],
      ],
    },
  ],
}
