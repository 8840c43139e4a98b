#pragma once
#include <memory>
#include "wire/translate.h"
namespace plimsoll::wire { inline std::unique_ptr<StreamTranslator> bedrock_events_to_sse() { return nullptr; } }
