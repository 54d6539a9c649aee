// Compiles SPIR-V compute shaders with Vulkan's first device, and prints what its driver says of each: statistics and
// machine code. Nothing is run, so that Mesa's RADV, told a GPU by RADV_FORCE_FAMILY, needs none.
//
//   compile <file.spv> …   →   @@ <file>, lines of name=value, @@ code, the assembly

#include <stdio.h>
#include <stdlib.h>
#include <vulkan/vulkan.h>

#define BINDINGS 16
#define LONGEST 64
#define CHECK(call)                                      \
  do {                                                   \
    VkResult result_ = (call);                           \
    if (result_ < 0) {                                   \
      fprintf(stderr, "compile: %s gave %d\n", #call, result_); \
      exit(1);                                           \
    }                                                    \
  } while (0)
#define TYPED(type) .sType = VK_STRUCTURE_TYPE_##type

static VkDevice device;

static VkPhysicalDevice firstDevice(void) {
  VkApplicationInfo app = {TYPED(APPLICATION_INFO), .apiVersion = VK_API_VERSION_1_3};
  VkInstanceCreateInfo info = {TYPED(INSTANCE_CREATE_INFO), .pApplicationInfo = &app};
  VkInstance instance;
  CHECK(vkCreateInstance(&info, NULL, &instance));
  uint32_t count = 1;
  VkPhysicalDevice first = VK_NULL_HANDLE;
  vkEnumeratePhysicalDevices(instance, &count, &first);
  if (count == 0) {
    fprintf(stderr, "compile: no Vulkan device\n");
    exit(1);
  }
  return first;
}

/** A device with what Dawn's shaders declare. Loads are checked against the buffers' sizes, as WebGPU demands. */
static void openDevice(void) {
  VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR executables = {
      TYPED(PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR), .pipelineExecutableInfo = 1};
  VkPhysicalDeviceVulkan13Features with13 = {
      TYPED(PHYSICAL_DEVICE_VULKAN_1_3_FEATURES), .pNext = &executables,
      .shaderZeroInitializeWorkgroupMemory = 1, .shaderIntegerDotProduct = 1, .subgroupSizeControl = 1,
      .computeFullSubgroups = 1};
  VkPhysicalDeviceVulkan12Features with12 = {
      TYPED(PHYSICAL_DEVICE_VULKAN_1_2_FEATURES), .pNext = &with13, .vulkanMemoryModel = 1,
      .vulkanMemoryModelDeviceScope = 1, .shaderFloat16 = 1, .shaderSubgroupExtendedTypes = 1};
  VkPhysicalDeviceVulkan11Features with11 = {
      TYPED(PHYSICAL_DEVICE_VULKAN_1_1_FEATURES), .pNext = &with12, .storageBuffer16BitAccess = 1,
      .uniformAndStorageBuffer16BitAccess = 1};
  VkPhysicalDeviceFeatures2 features = {
      TYPED(PHYSICAL_DEVICE_FEATURES_2), .pNext = &with11, .features = {.robustBufferAccess = 1, .shaderInt16 = 1}};
  float priority = 1;
  VkDeviceQueueCreateInfo queue = {TYPED(DEVICE_QUEUE_CREATE_INFO), .queueCount = 1, .pQueuePriorities = &priority};
  const char *extension = VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME;
  VkDeviceCreateInfo info = {
      TYPED(DEVICE_CREATE_INFO), .pNext = &features, .queueCreateInfoCount = 1, .pQueueCreateInfos = &queue,
      .enabledExtensionCount = 1, .ppEnabledExtensionNames = &extension};
  CHECK(vkCreateDevice(firstDevice(), &info, NULL, &device));
}

static uint32_t *readWords(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    fprintf(stderr, "compile: cannot read %s\n", path);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  *bytes = ftell(file);
  rewind(file);
  uint32_t *words = malloc(*bytes);
  if (fread(words, 1, *bytes, file) != *bytes) exit(1);
  fclose(file);
  return words;
}

/** The bindings of group 0, from the words of the shader: OpDecorate … Binding, and OpVariable's storage class. */
static uint32_t bindingsOf(const uint32_t *words, size_t count, VkDescriptorSetLayoutBinding *bindings) {
  enum { OP_VARIABLE = 59, OP_DECORATE = 71, BINDING = 33, STORAGE_BUFFER = 12 };
  uint32_t found = 0;
  uint32_t ids[BINDINGS];
  for (size_t at = 5; at < count; at += words[at] >> 16) {
    uint32_t op = words[at] & 0xffff;
    if (op == OP_DECORATE && words[at + 2] == BINDING && found < BINDINGS) {
      ids[found] = words[at + 1];
      bindings[found++] = (VkDescriptorSetLayoutBinding){
          .binding = words[at + 3], .descriptorCount = 1, .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT};
    }
    for (uint32_t i = 0; op == OP_VARIABLE && i < found; i++) {
      if (ids[i] != words[at + 2]) continue;
      bindings[i].descriptorType = words[at + 3] == STORAGE_BUFFER ? VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
                                                                   : VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER;
    }
  }
  return found;
}

static VkPipeline compile(const char *path) {
  size_t bytes;
  uint32_t *words = readWords(path, &bytes);
  VkDescriptorSetLayoutBinding bindings[BINDINGS];
  VkDescriptorSetLayoutCreateInfo set = {
      TYPED(DESCRIPTOR_SET_LAYOUT_CREATE_INFO), .bindingCount = bindingsOf(words, bytes / 4, bindings),
      .pBindings = bindings};
  VkDescriptorSetLayout setLayout;
  CHECK(vkCreateDescriptorSetLayout(device, &set, NULL, &setLayout));
  VkPushConstantRange constants = {VK_SHADER_STAGE_COMPUTE_BIT, 0, 64};
  VkPipelineLayoutCreateInfo layout = {
      TYPED(PIPELINE_LAYOUT_CREATE_INFO), .setLayoutCount = 1, .pSetLayouts = &setLayout,
      .pushConstantRangeCount = 1, .pPushConstantRanges = &constants};
  VkShaderModuleCreateInfo module = {TYPED(SHADER_MODULE_CREATE_INFO), .codeSize = bytes, .pCode = words};
  VkComputePipelineCreateInfo info = {
      TYPED(COMPUTE_PIPELINE_CREATE_INFO),
      .flags = VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR | VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR,
      .stage = {TYPED(PIPELINE_SHADER_STAGE_CREATE_INFO), .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                .pName = "dawn_entry_point"}};
  VkPipeline pipeline;
  CHECK(vkCreatePipelineLayout(device, &layout, NULL, &info.layout));
  CHECK(vkCreateShaderModule(device, &module, NULL, &info.stage.module));
  CHECK(vkCreateComputePipelines(device, VK_NULL_HANDLE, 1, &info, NULL, &pipeline));
  free(words);
  return pipeline;
}

#define LOAD(name) PFN_##name name = (PFN_##name)vkGetDeviceProcAddr(device, #name)

static void printStatistics(VkPipelineExecutableInfoKHR *executable) {
  LOAD(vkGetPipelineExecutableStatisticsKHR);
  VkPipelineExecutableStatisticKHR statistics[LONGEST];
  for (int i = 0; i < LONGEST; i++) {
    statistics[i] = (VkPipelineExecutableStatisticKHR){TYPED(PIPELINE_EXECUTABLE_STATISTIC_KHR)};
  }
  uint32_t count = LONGEST;
  CHECK(vkGetPipelineExecutableStatisticsKHR(device, executable, &count, statistics));
  for (uint32_t i = 0; i < count; i++) {
    if (statistics[i].format != VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_UINT64_KHR) continue;
    printf("%s=%lu\n", statistics[i].name, (unsigned long)statistics[i].value.u64);
  }
}

/** The last representation: those before it are the compiler's own, up to the machine code. */
static void printCode(VkPipelineExecutableInfoKHR *executable) {
  LOAD(vkGetPipelineExecutableInternalRepresentationsKHR);
  VkPipelineExecutableInternalRepresentationKHR code[LONGEST];
  for (int i = 0; i < LONGEST; i++) {
    code[i] = (VkPipelineExecutableInternalRepresentationKHR){TYPED(PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR)};
  }
  uint32_t count = LONGEST;
  CHECK(vkGetPipelineExecutableInternalRepresentationsKHR(device, executable, &count, code));
  if (count == 0) return;
  for (uint32_t i = 0; i < count; i++) code[i].pData = malloc(code[i].dataSize);
  CHECK(vkGetPipelineExecutableInternalRepresentationsKHR(device, executable, &count, code));
  printf("@@ code\n%s\n", (const char *)code[count - 1].pData);
  for (uint32_t i = 0; i < count; i++) free(code[i].pData);
}

int main(int count, char **paths) {
  openDevice();
  for (int i = 1; i < count; i++) {
    VkPipelineExecutableInfoKHR executable = {TYPED(PIPELINE_EXECUTABLE_INFO_KHR), .pipeline = compile(paths[i])};
    printf("@@ %s\n", paths[i]);
    printStatistics(&executable);
    printCode(&executable);
  }
  return 0;
}
